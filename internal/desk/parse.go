package desk

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Limits on conditions.
const (
	MaxCondition  = 64 << 10 // bytes of JSON
	MaxDepth      = 4        // of nodes above a leaf
	MaxLeaves     = 50
	MaxListValues = 100 // in one leaf
	MaxOperand    = 256 // bytes of one value
)

// Parse reads a condition as it is written: a tree of {"op":"and"|"or"|"not",
// "of":…} and {"field":…,"is":…,"value":…}, or Zendesk's {"all":[…],"any":[…]}.
// It is typed by the schema; an error is a *Problem that points into the tree.
// Warnings tell of parts that are always or never true.
func (s *Schema) Parse(raw []byte) (*Condition, []Warning, error) {
	if len(raw) > MaxCondition {
		return nil, nil, &Problem{Kind: TooLarge, Detail: "a condition is at most " + strconv.Itoa(MaxCondition) + " bytes"}
	}
	p := parser{schema: s}
	c, err := p.node(raw, "", 0)
	if err != nil {
		return nil, nil, err
	}
	return c, warnings(c), nil
}

type parser struct {
	schema *Schema
	leaves int
}

// object reads a JSON object, strictly: a key twice, or one that is not
// allowed, is an error.
func object(raw []byte, pointer string, allowed ...string) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, Invalidf(pointer, "a node is a JSON object with the keys op and of, or field, is and value")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		key, _ := t.(string)
		if err != nil {
			return nil, Invalidf(pointer, "this is not JSON: %s", err)
		}
		if _, twice := fields[key]; twice {
			return nil, Invalidf(pointer+"/"+key, "the key is there twice; keep one")
		}
		if !slices.Contains(allowed, key) {
			return nil, Invalidf(pointer+"/"+key, "a node has no key %q; it has op and of, or field, is and value", key)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, Invalidf(pointer+"/"+key, "this is not JSON: %s", err)
		}
		fields[key] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, Invalidf(pointer, "this is not JSON: %s", err)
	}
	if _, err := d.Token(); err == nil {
		return nil, Invalidf(pointer, "there is more behind the condition; remove it")
	}
	return fields, nil
}

func (p *parser) node(raw []byte, pointer string, depth int) (*Condition, error) {
	if depth > MaxDepth {
		return nil, &Problem{Kind: TooLarge, Pointer: pointer, Detail: "a condition nests at most " + strconv.Itoa(MaxDepth) + " deep"}
	}
	f, err := object(raw, pointer, "op", "of", "field", "is", "value", "all", "any")
	if err != nil {
		return nil, err
	}
	switch {
	case f["op"] != nil:
		return p.branch(f, pointer, depth)
	case f["field"] != nil:
		return p.leaf(f, pointer)
	case f["all"] != nil || f["any"] != nil:
		return p.sugar(f, pointer, depth)
	}
	return nil, Invalidf(pointer, "a node has op and of, or field, is and value")
}

func (p *parser) branch(f map[string]json.RawMessage, pointer string, depth int) (*Condition, error) {
	if len(f) != 2 || f["of"] == nil {
		return nil, Invalidf(pointer, "a node with op has of beside it, and nothing else")
	}
	var op string
	_ = json.Unmarshal(f["op"], &op)
	switch op {
	case "and", "or":
		of, err := p.nodes(f["of"], pointer+"/of", depth)
		return &Condition{Op: map[string]Op{"and": And, "or": Or}[op], Of: of}, err
	case "not":
		c, err := p.node(f["of"], pointer+"/of", depth+1)
		return &Condition{Op: Not, Of: []*Condition{c}}, err
	}
	return nil, Invalidf(pointer+"/op", "an op is and, or or not")
}

func (p *parser) nodes(raw []byte, pointer string, depth int) ([]*Condition, error) {
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || parts == nil {
		return nil, Invalidf(pointer, "this is a list of nodes")
	}
	var of []*Condition
	for i, raw := range parts {
		c, err := p.node(raw, pointer+"/"+strconv.Itoa(i), depth+1)
		if err != nil {
			return nil, err
		}
		of = append(of, c)
	}
	return of, nil
}

// sugar reads Zendesk's shape: all of these, and any of those.
func (p *parser) sugar(f map[string]json.RawMessage, pointer string, depth int) (*Condition, error) {
	out := &Condition{Op: And}
	for _, key := range []string{"all", "any"} {
		raw, ok := f[key]
		if !ok {
			continue
		}
		of, err := p.nodes(raw, pointer+"/"+key, depth)
		if err != nil {
			return nil, err
		}
		if key == "all" {
			out.Of = of
		} else if len(of) > 0 {
			out.Of = append(out.Of, &Condition{Op: Or, Of: of})
		}
		delete(f, key)
	}
	if len(f) > 0 {
		return nil, Invalidf(pointer, "a node with all and any has nothing else")
	}
	return out, nil
}

func (p *parser) leaf(f map[string]json.RawMessage, pointer string) (*Condition, error) {
	if p.leaves++; p.leaves > MaxLeaves {
		return nil, &Problem{Kind: TooLarge, Pointer: pointer, Detail: "a condition has at most " + strconv.Itoa(MaxLeaves) + " leaves"}
	}
	for _, key := range []string{"op", "of", "all", "any"} {
		if f[key] != nil {
			return nil, Invalidf(pointer+"/"+key, "a leaf has field, is and value, and nothing else")
		}
	}
	var key, is string
	if json.Unmarshal(f["field"], &key) != nil {
		return nil, Invalidf(pointer+"/field", "a field is named by a string")
	}
	spec, ok := p.schema.Field(key)
	if !ok {
		return nil, Invalidf(pointer+"/field", "there is no field %q; a custom field is written custom.KEY", key)
	}
	if f["is"] == nil || json.Unmarshal(f["is"], &is) != nil || !slices.Contains(spec.Operators, Operator(is)) {
		return nil, Invalidf(pointer+"/is", "the field %s takes %s", key, operatorList(spec.Operators))
	}
	l := Leaf{Field: spec.Field, Is: Operator(is)}
	if err := l.read(spec, f["value"], pointer+"/value"); err != nil {
		return nil, err
	}
	return &Condition{Leaf: l}, nil
}

func operatorList(all []Operator) string {
	text := ""
	for i, o := range all {
		switch {
		case i == 0:
		case i == len(all)-1:
			text += " or "
		default:
			text += ", "
		}
		text += string(o)
	}
	return text
}
