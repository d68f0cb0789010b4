package desk

import (
	"strings"
	"unicode"
)

// gorgiasFields maps the paths of Gorgias' expressions to our fields.
var gorgiasFields = map[string]string{"status": "status", "priority": "priority", "channel": "channel", "via": "via", "language": "language",
	"assignee_user.id": "assignee_agent", "assignee_team.id": "assignee_team", "customer.id": "customer", "requester.id": "customer",
	"tags.name": "tags", "tags": "tags", "subject": "subject", "spam": "spam", "trashed": "trashed", "from_agent": "from_agent",
	"integrations.id": "integration", "store.id": "brand", "messages_count": "message_count", "satisfaction_survey.score": "satisfaction",
	"created_datetime": "created_at", "updated_datetime": "updated_at", "opened_datetime": "opened_at", "closed_datetime": "closed_at",
	"last_message_datetime": "last_message_at", "last_received_message_datetime": "last_customer_message_at",
	"last_sent_message_not_by_rule_datetime": "last_agent_message_at", "snooze_datetime": "snoozed_until",
	"trashed_datetime": "trashed_at"}

// maxExpression bounds a Gorgias expression: bytes, and its nesting.
const (
	maxExpression = 64 << 10
	maxBrackets   = 64
)

// ImportGorgias turns an expression such as
//
//	eq(ticket.status, 'open') && (containsAny(ticket.tags.name, ['vip']) || !isEmpty(ticket.assignee_user.id))
//
// into a condition. What it does not know is an error that says where.
func ImportGorgias(text string, s *Schema) (*Condition, error) {
	if len(text) > maxExpression {
		return nil, &Problem{Kind: TooLarge, Pointer: "/gorgias", Detail: "an expression is at most 64 KiB"}
	}
	p := &gorgias{text: text, schema: s}
	c, err := p.or(0)
	if err == nil && p.skip() < len(text) {
		err = p.fault("there is more behind the expression")
	}
	if err != nil {
		return nil, err
	}
	return s.again(c)
}

// gorgias is a recursive-descent parser.
type gorgias struct {
	text   string
	at     int
	schema *Schema
}

func (p *gorgias) fault(format string, args ...any) error {
	e := Invalidf("/gorgias", format, args...)
	e.Detail += " (at character " + itoa(p.at+1) + ")"
	return e
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (p *gorgias) skip() int {
	for p.at < len(p.text) && unicode.IsSpace(rune(p.text[p.at])) {
		p.at++
	}
	return p.at
}

// take consumes the token if it is next.
func (p *gorgias) take(token string) bool {
	p.skip()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *gorgias) or(depth int) (*Condition, error) { return p.chain(depth, "||", Or, p.and) }

func (p *gorgias) and(depth int) (*Condition, error) { return p.chain(depth, "&&", And, p.unary) }

func (p *gorgias) chain(depth int, token string, op Op, next func(int) (*Condition, error)) (*Condition, error) {
	out := &Condition{Op: op}
	for {
		c, err := next(depth)
		if err != nil {
			return nil, err
		}
		out.Of = append(out.Of, c)
		if !p.take(token) {
			break
		}
	}
	if len(out.Of) == 1 {
		return out.Of[0], nil
	}
	return out, nil
}

func (p *gorgias) unary(depth int) (*Condition, error) {
	if depth > maxBrackets {
		return nil, p.fault("the expression nests too deep")
	}
	if p.take("!") {
		c, err := p.unary(depth + 1)
		return &Condition{Op: Not, Of: []*Condition{c}}, err
	}
	if p.take("(") {
		c, err := p.or(depth + 1)
		if err == nil && !p.take(")") {
			err = p.fault("a closing bracket is missing")
		}
		return c, err
	}
	return p.call()
}

func (p *gorgias) word() string {
	start := p.skip()
	for p.at < len(p.text) && (p.text[p.at] == '.' || idByteOf(rune(p.text[p.at]))) {
		p.at++
	}
	return p.text[start:p.at]
}

// call reads name(path) or name(path, value).
func (p *gorgias) call() (*Condition, error) {
	name := p.word()
	if name == "" || !p.take("(") {
		return nil, p.fault("a function such as eq( is expected")
	}
	path := strings.TrimPrefix(p.word(), "ticket.")
	key, ok := gorgiasFields[path]
	if rest, custom := strings.CutPrefix(path, "custom_fields."); custom {
		key, ok = "custom."+strings.TrimSuffix(rest, ".value"), true
	}
	spec, known := p.schema.Field(key)
	if !ok || !known {
		return nil, p.fault("the Gorgias field %q has no counterpart here", path)
	}
	var values []string
	if p.take(",") {
		var err error
		if values, err = p.values(); err != nil {
			return nil, err
		}
	}
	if !p.take(")") {
		return nil, p.fault("a closing bracket is missing")
	}
	return p.leaf(spec, name, values)
}

// values reads a literal or a list of them.
func (p *gorgias) values() (all []string, err error) {
	if !p.take("[") {
		v, err := p.value()
		return []string{v}, err
	}
	for !p.take("]") {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		if !p.take(",") && !strings.HasPrefix(p.text[p.skip():], "]") {
			return nil, p.fault("a list is written ['a', 'b']")
		}
	}
	return all, nil
}

func (p *gorgias) value() (string, error) {
	p.skip()
	for _, quote := range []string{"'", `"`} {
		if !p.take(quote) {
			continue
		}
		end := strings.Index(p.text[p.at:], quote)
		if end < 0 {
			return "", p.fault("a quote is missing")
		}
		v := p.text[p.at : p.at+end]
		p.at += end + 1
		switch v {
		case "{{current_user.id}}":
			return Me, nil
		case "{{current_user.teams}}", "{{current_user.teams.id}}":
			return MyTeams, nil
		}
		return v, nil
	}
	if strings.HasPrefix(p.text[p.at:], "-") {
		p.at++
		return "-" + p.word(), nil
	}
	v := p.word()
	if v == "" {
		return "", p.fault("a value is expected")
	}
	return v, nil
}
