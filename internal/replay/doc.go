// Package replay plays a helpdesk's event log into a server, and holds what
// the server then shows against brute force.
//
// What it promises:
//
//  1. It knows the server only as a customer does: it writes over the HTTP API
//     and sees through followers, over the line. Nothing of the server is
//     imported.
//  2. The account's clock is the log's: at each checkpoint it stands at one
//     instant, known to the millisecond, so a count is right or wrong, never
//     nearly right.
//  3. It keeps its own tickets and its own reading of what an event does to
//     one. A number is compared with the conditions asked plainly of all of
//     them; none of the server's own counting takes part.
//  4. Equal logs, mappings and seeds give equal checkpoints.
package replay
