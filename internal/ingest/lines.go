package ingest

import (
	"bufio"
	"bytes"
	"io"
	"strconv"

	"github.com/deskwire/deskwire/internal/desk"
)

// lines takes NDJSON apart. A line ends with \n or \r\n; the last may go
// without. Lines of white space are counted and skipped, and so is the byte
// order mark that some programs write before the first.
type lines struct {
	r *bufio.Reader
	n int // the number of the last line read, from 1
}

var mark = []byte("\xEF\xBB\xBF")

func newLines(r io.Reader) *lines {
	return &lines{r: bufio.NewReaderSize(r, MaxLine+len(mark)+len("\r\n"))}
}

var errLongLine = &desk.Problem{Kind: desk.TooLarge, Detail: "a line is at most " + strconv.Itoa(MaxLine) + " bytes; this one was skipped"}

// next gives the next line, good until the call after. The error is io.EOF at
// the end, errLongLine for a line over MaxLine, behind which it goes on, and
// else what broke the reading: what was read of a line then is not given.
func (l *lines) next() ([]byte, error) {
	for {
		b, err := l.r.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			return nil, l.skip()
		}
		if err != nil && (err != io.EOF || len(b) == 0) {
			return nil, err
		}
		if l.n++; l.n == 1 {
			b = bytes.TrimPrefix(b, mark)
		}
		if b = bytes.Trim(b, " \t\r\n"); len(b) > MaxLine {
			return nil, errLongLine
		}
		if len(b) > 0 {
			return b, nil
		}
	}
}

// skip reads to the end of a line that is too long.
func (l *lines) skip() error {
	for {
		switch _, err := l.r.ReadSlice('\n'); err {
		case nil, io.EOF:
			l.n++
			return errLongLine
		case bufio.ErrBufferFull:
		default:
			return err
		}
	}
}
