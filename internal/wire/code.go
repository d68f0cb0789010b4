package wire

// A Code says why a connection is closed. It travels in the bye frame and in
// the WebSocket close frame.
type Code uint16

// The codes. 4000 to 4999 are the protocol's own.
const (
	GoingAway   Code = 1001
	BadFrame    Code = 1002 // not WebSocket
	NotProtocol Code = 4400
	SignIn      Code = 4401
	Forbidden   Code = 4403
	Silent      Code = 4408
	TooLarge    Code = 4413
	Outdated    Code = 4426
	TooMany     Code = 4429
	NotNow      Code = 4503
)

// An Action tells the client what to do after a bye.
type Action string

// The actions.
const (
	Retry  Action = "retry"  // with jitter, at once
	Wait   Action = "wait"   // not before retry_ms
	SignUp Action = "signin" // with a new token
	Reload Action = "reload" // the page is too old
	Stop   Action = "stop"   // it would not help
)

// Action is what a client does about the code.
func (c Code) Action() Action {
	switch c {
	case SignIn:
		return SignUp
	case NotProtocol, Forbidden, TooLarge:
		return Stop
	case Outdated:
		return Reload
	case TooMany, NotNow:
		return Wait
	}
	return Retry
}
