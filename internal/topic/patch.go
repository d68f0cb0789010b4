package topic

import "sync"

// A Patch brings a reader of Topic from seq From to seq To. From 0 means start
// over: the reader drops what it has of the topic first. It is shared; nobody
// changes it.
type Patch struct {
	Topic    Name
	From, To Seq
	At       int64 // the account's time of To, in milliseconds
	Set      []Entry
	Del      []string
	// Gone says that the reader may no longer read the topic, or does not
	// follow it; it forgets all it holds. Nothing else is set then.
	Gone bool

	once    sync.Once
	encoded []byte
}

// An Entry is one key of a topic with its value.
type Entry struct {
	Key   string
	Value []byte
}

// Encoded gives the patch as bytes, made by encode the first time somebody
// asks. All callers must pass the same function.
func (p *Patch) Encoded(encode func(*Patch) []byte) []byte {
	p.once.Do(func() { p.encoded = encode(p) })
	return p.encoded
}
