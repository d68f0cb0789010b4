package topic

import "testing"

// TestAReaderThatReturnsNeedNotWaitForTheNextChange: what is not due when it
// comes back is offered again, though the topic does not move any more.
func TestAReaderThatReturnsNeedNotWaitForTheNextChange(t *testing.T) {
	b := NewBoard("e1")
	b.Write(Step{Seq: 1, Changes: []Change{{Topic: "t", Key: "k", Value: []byte("1")}, {Topic: "guide", Key: "t", Value: []byte("{}"), Leads: []Name{"t"}}}})
	b.Write(Step{Seq: 2, Changes: []Change{{Topic: "t", Key: "k", Value: []byte("2")}}})
	f := b.Fan(func() {})
	c := f.Read("guide", map[Name]Seq{"t": 1}, nil)
	defer c.Close()
	never := func(name Name) bool { return name != "t" }
	if got := f.Moved(never); len(got) != 1 {
		t.Fatalf("moved: %v", got)
	}
	if _, err := c.Take(never); err != nil {
		t.Fatal(err)
	}
	always := func(Name) bool { return true }
	if got := f.Moved(always); len(got) != 1 {
		t.Fatalf("the fan does not offer it again: %v", got)
	}
	patches, err := c.Take(always)
	if err != nil || len(patches) != 1 || patches[0].From != 1 || patches[0].To != 2 {
		t.Errorf("given %v, %v", patches, err)
	}
}
