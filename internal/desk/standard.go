package desk

import "encoding/json"

// Access is the condition of the tickets the agent may read, with parameters;
// nil for all of them.
func (a Agent) Access() *Condition {
	var any []*Condition
	for _, r := range a.Reads {
		c, ok := readRules[r]
		if r == ReadAll {
			return nil
		}
		if ok {
			any = append(any, c)
		}
	}
	if len(a.Reads) == 0 {
		return nil
	}
	return &Condition{Op: Or, Of: any}
}

func leafOf(key string, t FieldType, is Operator, values ...string) *Condition {
	return &Condition{Leaf: Leaf{Field: Field{Key: key, Type: t}, Is: is, Values: values}}
}

// readRules are shared; nobody changes them.
var readRules = map[ReadRule]*Condition{
	ReadMine:    leafOf("assignee_agent", RefField, Is, Me),
	ReadMyTeams: leafOf("assignee_team", RefField, Is, MyTeams),
	ReadTeamsUnassigned: {Op: And, Of: []*Condition{
		leafOf("assignee_team", RefField, Is, MyTeams), leafOf("assignee_agent", RefField, Empty)}},
	ReadUnassigned: {Op: And, Of: []*Condition{
		leafOf("assignee_agent", RefField, Empty), leafOf("assignee_team", RefField, Empty)}},
}

const (
	openNow   = `{"field":"status","is":"in","value":["new","open"]},{"field":"snoozed","is":"is","value":false}`
	allOf     = `{"op":"and","of":[`
	assignedM = `{"field":"assignee_agent","is":"is","value":"@me"}`
)

// SystemViews are the views that come with every account. Open means status
// new or open, and not snoozed, as agents of two-state helpdesks know it.
func SystemViews() []View {
	view := func(position int, id ViewID, name, filter string) View {
		return View{ID: id, Name: name, Kind: SystemView, Filter: json.RawMessage(filter), Position: position, Version: 1,
			Columns: []string{"customer", "subject", "tags", "assignee_agent", "updated_at"}}
	}
	return []View{
		view(1, "mine", "My open", allOf+assignedM+`,`+openNow+`]}`),
		view(2, "unassigned", "Unassigned", allOf+`{"field":"assignee_agent","is":"empty"},`+openNow+`]}`),
		view(3, "my-teams", "My teams", allOf+`{"field":"assignee_team","is":"is","value":"@my_teams"},`+openNow+`]}`),
		view(4, "unread", "Unread", allOf+`{"field":"unread@me","is":"is","value":true},`+openNow+`]}`),
		view(5, "all-open", "All open", allOf+openNow+`]}`),
		view(6, "snoozed", "Snoozed", allOf+`{"field":"snoozed","is":"is","value":true},{"field":"status","is":"lt","value":"solved"}]}`),
		view(7, "solved", "Solved and closed", `{"field":"status","is":"in","value":["solved","closed"]}`),
		view(8, "trash", "Trash", `{"field":"trashed","is":"is","value":true}`),
		view(9, "spam", "Spam", allOf+`{"field":"spam","is":"is","value":true},{"field":"trashed","is":"is","value":false}]}`),
	}
}
