package ingest

import (
	"errors"
	"io"
	"os"
	"sync"
)

// How much of a bulk's answer is kept for a client that does not read it yet.
const (
	spoolMemory = 1 << 20   // bytes in memory
	MaxSpool    = 512 << 20 // bytes beyond, in a file: some eight million lines
)

var errSpoolFull = errors.New("the answers are not read")

// A spool is a pipe whose writer never waits for its reader: a client that
// reads only when it has sent everything must not stop us from reading it. What
// is too much for memory waits in a temporary file that has no name. Two
// goroutines may use it, one to write, one to read.
type spool struct {
	dir  string // for the file; "" is the system's
	size int64  // of the file, which is written round and round

	mu     sync.Mutex // guards what follows
	filled sync.Cond  // something to read, or the end
	head   []byte     // the oldest bytes
	file   *os.File   // what came when head was full
	from   int64      // where the unread bytes of file begin, rounds counted
	to     int64      // and end
	end    error      // no more comes: io.EOF or why
}

func newSpool(dir string) *spool {
	s := &spool{dir: dir, size: MaxSpool}
	s.filled.L = &s.mu
	return s
}

// Write keeps b. It fails only when MaxSpool is reached or the disk is full.
func (s *spool) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		return 0, s.end
	}
	defer s.filled.Signal()
	if s.to == 0 && len(s.head)+len(b) <= spoolMemory {
		s.head = append(s.head, b...)
		return len(b), nil
	}
	if s.to-s.from+int64(len(b)) > s.size {
		return 0, errSpoolFull
	}
	if err := s.open(); err != nil {
		return 0, err
	}
	return s.spill(b)
}

// spill writes to the file, in two parts where it comes round.
func (s *spool) spill(b []byte) (done int, err error) {
	for len(b) > 0 && err == nil {
		at := s.to % s.size
		var n int
		n, err = s.file.WriteAt(b[:min(int64(len(b)), s.size-at)], at)
		s.to += int64(n)
		done, b = done+n, b[n:]
	}
	return done, err
}

func (s *spool) open() (err error) {
	if s.file != nil {
		return nil
	}
	if s.file, err = os.CreateTemp(s.dir, "deskwire-bulk-*"); err != nil {
		return err
	}
	return os.Remove(s.file.Name()) // it lives as long as it is open
}

// Close ends the pipe: the reader gets what is left, then err, or io.EOF.
func (s *spool) Close(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == nil {
		if s.end = err; err == nil {
			s.end = io.EOF
		}
	}
	s.filled.Signal()
}

// next waits for bytes and gives some of them, in buf or in place of it.
func (s *spool) next(buf []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.head) == 0 && s.to == 0 && s.end == nil {
		s.filled.Wait()
	}
	switch {
	case len(s.head) > 0:
		out := s.head
		s.head = buf[:0]
		return out, nil
	case s.to > 0:
		return s.unspill(buf)
	}
	return nil, s.end
}

// unspill reads from the file; when it is read out, memory serves again.
func (s *spool) unspill(buf []byte) ([]byte, error) {
	at := s.from % s.size
	buf = buf[:min(int64(cap(buf)), s.to-s.from, s.size-at)]
	n, err := s.file.ReadAt(buf, at)
	if s.from += int64(n); s.from == s.to {
		s.from, s.to = 0, 0
	}
	if err == io.EOF {
		err = nil
	}
	return buf[:n], err
}

// free gives the file back. No reader and no writer may be left.
func (s *spool) free() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
