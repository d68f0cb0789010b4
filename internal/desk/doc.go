// Package desk is the vocabulary of a helpdesk: its ids, its nouns, the events
// that happen to them, and the conditions that say which tickets a view holds.
//
// It is the ground of the house: any package may stand on it, and it stands on
// nothing. Nothing here acts: no clock, no goroutine, no lock, no I/O. Values
// are plain data; who shares one across goroutines must not change it.
//
// All times are [Time], milliseconds since 1970 in UTC, and zero means absent.
package desk
