package ingest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// Whatever is written and however late it is read, it comes out as it went in.
func TestASpoolGivesWhatItGot(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := newSpool(dir)
		s.size = 64 << 10 // bytes: the file comes round often
		defer s.free()
		var want, got []byte
		next := byte(0)
		for range rapid.IntRange(1, 60).Draw(t, "moves") {
			if unread := len(want) - len(got); unread > 0 && rapid.Bool().Draw(t, "read") {
				text, err := s.next(make([]byte, 0, rapid.IntRange(1, 8<<10).Draw(t, "room")))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, text...)
				continue
			}
			b := bytes.Repeat([]byte{next}, rapid.IntRange(1, 40<<10).Draw(t, "size"))
			next++
			if _, err := s.Write(b); err == nil {
				want = append(want, b...)
			} else if !errors.Is(err, errSpoolFull) {
				t.Fatal(err)
			}
		}
		s.Close(nil)
		for {
			text, err := s.next(make([]byte, 0, 4<<10))
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, text...)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came out of %d", len(got), len(want))
		}
	})
}

// The limit is on what is not read, not on all that ever went through.
func TestASpoolIsFullOnlyOfWhatIsNotRead(t *testing.T) {
	s := newSpool(t.TempDir())
	s.size = 10
	defer s.free()
	memory := make([]byte, spoolMemory)
	if _, err := s.Write(memory); err != nil || s.file != nil {
		t.Fatalf("%v: spoolMemory bytes are kept in memory", err)
	}
	if _, err := s.Write([]byte("0123456789")); err != nil {
		t.Fatalf("at the limit: %v", err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, errSpoolFull) {
		t.Fatalf("over the limit: %v", err)
	}
	_, _ = s.next(nil)
	for i := range 100 { // always a few bytes behind
		if text, err := s.next(make([]byte, 0, 4)); err != nil || len(text) == 0 {
			t.Fatal(i, err)
		}
		if _, err := s.Write([]byte("x")); err != nil {
			t.Fatal(i, err)
		}
	}
}

func TestASpoolsFileHasNoName(t *testing.T) {
	dir := t.TempDir()
	s := newSpool(dir)
	defer s.free()
	if _, err := s.Write(make([]byte, spoolMemory+1)); err != nil || s.file == nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v %v would be left behind by a crash", left, err)
	}
}

func TestASpoolWakesItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool("")
		heard := make(chan string, 10)
		go func() {
			for {
				text, err := s.next(nil)
				if err != nil {
					heard <- err.Error()
					return
				}
				heard <- string(text)
			}
		}()
		synctest.Wait()
		if len(heard) != 0 {
			t.Fatal("something was read before it was written")
		}
		_, _ = s.Write([]byte("a"))
		if got := <-heard; got != "a" {
			t.Error(got)
		}
		s.Close(errors.New("gone"))
		if got := <-heard; got != "gone" {
			t.Error(got)
		}
		if _, err := s.Write([]byte("b")); err == nil {
			t.Error("written behind the end")
		}
	})
}
