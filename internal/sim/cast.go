package sim

import (
	"encoding/json"

	"github.com/deskwire/deskwire/internal/desk"
)

// Agents are the people of the simulated helpdesk, an online shop's.
var Agents = []desk.Agent{
	{ID: "ana", Name: "Ana Souza", Role: desk.Lead}, {ID: "ben", Name: "Ben Okafor", Role: desk.Regular},
	{ID: "chiara", Name: "Chiara Riva", Role: desk.Regular}, {ID: "deniz", Name: "Deniz Aydın", Role: desk.Regular},
	{ID: "emi", Name: "Emi Tanaka", Role: desk.Regular, Reads: []desk.ReadRule{desk.ReadMyTeams, desk.ReadMine}},
	{ID: "farid", Name: "Farid Haddad", Role: desk.Regular}, {ID: "grace", Name: "Grace Muller", Role: desk.Admin},
	{ID: "hugo", Name: "Hugo Lindqvist", Role: desk.Light},
}

// Teams are its teams.
var Teams = []desk.Team{
	{ID: "orders", Name: "Orders", Members: []desk.AgentID{"ana", "ben", "emi", "grace"}},
	{ID: "returns", Name: "Returns", Members: []desk.AgentID{"chiara", "deniz", "emi"}},
	{ID: "billing", Name: "Billing", Members: []desk.AgentID{"ana", "farid", "grace"}},
}

// Views are its views beside those that come with every account.
func Views() []desk.View {
	view := func(position int, id desk.ViewID, name, filter string) desk.View {
		return desk.View{ID: id, Name: name, Kind: desk.PublicView, Position: position, Filter: json.RawMessage(filter)}
	}
	const open = `{"field":"status","is":"in","value":["new","open"]},{"field":"snoozed","is":"is","value":false}`
	views := []desk.View{
		view(1, "waiting-1h", "Waiting over 1 hour", `{"op":"and","of":[`+open+`,{"field":"waiting_since","is":"older_than","value":"1h"}]}`),
		view(2, "unanswered", "No answer yet", `{"op":"and","of":[`+open+`,{"field":"first_response_at","is":"empty"}]}`),
		view(3, "due-soon", "Due within 2 hours", `{"op":"and","of":[`+open+`,{"field":"sla_due_at","is":"within_next","value":"2h"}]}`),
		view(4, "overdue", "Overdue", `{"op":"and","of":[`+open+`,{"field":"sla_due_at","is":"older_than","value":"1s"}]}`),
		view(5, "today", "Opened today", `{"field":"created_at","is":"today"}`),
		view(6, "urgent", "Urgent and high", `{"op":"and","of":[`+open+`,{"field":"priority","is":"gt","value":"normal"}]}`),
		view(7, "vip", "VIP", `{"op":"and","of":[`+open+`,{"field":"tags","is":"has_any","value":["vip"]}]}`),
		view(8, "refunds", "About refunds", `{"op":"and","of":[`+open+`,{"op":"or","of":[{"field":"subject","is":"contains","value":"refund"},{"field":"tags","is":"has_any","value":["refund"]}]}]}`),
		view(9, "chats", "Chats", `{"op":"and","of":[`+open+`,{"field":"channel","is":"is","value":"chat"}]}`),
	}
	views = append(views,
		desk.View{ID: "returns-inbox", Name: "Returns inbox", Kind: desk.SharedView, Position: 10, SharedWith: desk.Share{Teams: []desk.TeamID{"returns", "orders"}},
			Filter: json.RawMessage(`{"op":"and","of":[` + open + `,{"field":"assignee_team","is":"is","value":"returns"},{"field":"assignee_agent","is":"empty"}]}`)},
		desk.View{ID: "ana-quiet", Name: "Mine, quiet for 15 min", Kind: desk.PrivateView, Owner: "ana", Position: 1,
			Filter: json.RawMessage(`{"op":"and","of":[` + open + `,{"field":"assignee_agent","is":"is","value":"@me"},{"field":"updated_at","is":"older_than","value":"15m"}]}`)})
	return views
}

// story is what a customer writes and an agent answers.
type story struct {
	subject, opening, answer, thanks string
	tag                              string
	team                             desk.TeamID
}

var stories = []story{
	{"Where is my order?", "Hi, I ordered nine days ago and the tracking page has said \"label created\" ever since. Could you check what happened?", "I am sorry for the wait. The parcel missed its first pick-up; it left our warehouse this morning and should reach you within two days.", "Great, thank you for checking so fast!", "shipping", "orders"},
	{"Refund for a damaged lamp", "The lamp arrived with a crack in the glass. I attached two photos. I would prefer a refund to a new one.", "Thank you for the photos. I have started the refund; you will see it on your card in three to five days. You need not send the lamp back.", "Perfect, thanks.", "refund", "returns"},
	{"Wrong size, can I exchange?", "I picked M but need L. Is it still in stock in green?", "It is. I have put a green L aside for you and sent a return label to your e-mail.", "Wonderful, sending the M back tomorrow.", "exchange", "returns"},
	{"Invoice with VAT number", "Our accountant needs the invoice with our VAT number on it. Can you issue it again?", "Of course. Which number should it show? I will send the corrected invoice today.", "It is IT01234567890. Thank you.", "invoice", "billing"},
	{"Charged twice", "My bank shows the same amount twice on the same day. Please look into this, it is urgent for me.", "I see both. The second is a reservation that the bank releases by itself; I have asked them to do it today.", "It is gone from my account now. Thanks!", "payment", "billing"},
	{"Change delivery address", "We are moving on Friday. Can the parcel go to the new flat instead?", "It has not left yet, so yes: please send me the new address and I will change it.", "Sent. You are quick!", "shipping", "orders"},
	{"Discount code does not work", "The code from your newsletter says \"expired\" although it should run until Sunday.", "You are right, that was our mistake. It works again now, and I have added free shipping for the trouble.", "It worked, thank you.", "discount", "orders"},
	{"Chair wobbles", "I assembled the chair twice and it still wobbles. Is a part missing?", "The longer screws go to the back legs. If it still wobbles after that, I will send you a new set of legs.", "That was it. A bit embarrassing :)", "product", "returns"},
	{"Can you deliver on Saturday?", "I am only at home on Saturdays. Is there any way to choose the day?", "There is. I have set Saturday between nine and noon for you.", "Lovely.", "shipping", "orders"},
	{"Cancel my order please", "I ordered the wrong model by mistake a minute ago.", "Cancelled before it was packed. Nothing will be charged.", "Phew. Thanks!", "cancel", "orders"},
	{"Gift card balance", "How can I see how much is left on my card?", "Enter its number under Account, Gift cards. Yours has 35.00 left.", "Found it, thanks.", "payment", "billing"},
	{"Warranty on the coffee grinder", "It stopped after fourteen months. Is it still under warranty?", "Yes, it has two years. I will send you a label; the repair takes about a week.", "That is good to hear.", "warranty", "returns"},
}

var firstNames = []string{"Alba", "Bruno", "Cleo", "Dario", "Elif", "Finn", "Gita", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Milo", "Nadia", "Omar", "Pia", "Quim", "Rosa", "Sami", "Tess"}
var lastNames = []string{"Kern", "Moreau", "Silva", "Novak", "Haas", "Rossi", "Bianchi", "Yilmaz", "Sato", "Costa", "Meyer", "Dahl", "Khan", "Ito", "Ferri"}
