// Package fanout measures the line: one change of a topic on its way to many
// followers, side by side with the same bytes written by plain writes to as
// many sockets in the same run, turn by turn. The followers are a process of
// their own, so that memory and CPU counted here are the server's.
package fanout
