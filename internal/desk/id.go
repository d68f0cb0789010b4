package desk

// Ids are the helpdesk's own, kept as it wrote them: 1 to [MaxIDLength] bytes
// of letters, digits and "-_.:@+/".
type (
	AccountID  string
	AgentID    string
	TeamID     string
	CustomerID string
	TicketID   string
	MessageID  string
	ViewID     string
	SessionID  string
)

// MaxIDLength is the longest id accepted, in bytes.
const MaxIDLength = 128

// ValidID says whether s may be an id: 1 to [MaxIDLength] bytes of ASCII
// letters, digits and "-_.:@+/". Ids reach URLs, topics and logs as they are.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > MaxIDLength {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !idByte(s[i]) {
			return false
		}
	}
	return true
}

func idByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '-', '_', '.', ':', '@', '+', '/':
		return true
	}
	return false
}
