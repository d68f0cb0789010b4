package ingest

import (
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// A patientReader waits so long for each part of a body, and no longer. Its
// deadlines are the connection's. Behind the body net/http lifts them, watches
// for the client's leaving and may read another request: none is set then.
type patientReader struct {
	r       io.Reader
	rc      *http.ResponseController
	silence time.Duration

	mu      sync.Mutex // guards what follows
	ended   bool       // the body has ended, well or badly
	whole   bool       // it has ended well, before any stop
	stopped bool
}

func (p *patientReader) Read(b []byte) (int, error) {
	if !p.wait() {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := p.r.Read(b)
	if err != nil {
		p.end(err)
	}
	return n, err
}

func (p *patientReader) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		_ = p.rc.SetReadDeadline(time.Now().Add(p.silence))
	}
	return !p.stopped
}

func (p *patientReader) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.whole = err == io.EOF && !p.stopped
}

// stop wakes the reader; nothing is read any more.
func (p *patientReader) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped = true; !p.ended {
		_ = p.rc.SetReadDeadline(time.Now())
	}
}

// intact says that the body was read to its end, so that the connection may
// carry another request. What is left of a body must not be taken for one.
func (p *patientReader) intact() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole
}
