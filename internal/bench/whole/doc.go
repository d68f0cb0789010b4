// Package whole measures the whole way of the data through a running server:
// how fast tickets come in, against SQLite's own bulk insert of the same rows,
// and how long a change takes from a backend's event to a follower's socket.
package whole
