// Package account holds the live state of one account: what its tickets, agents
// and views are now, and what follows from them on every screen.
//
// It has three parts. [State] is pure: events and the time go in, changes come
// out; two runs of one script are identical. [Account] is its only goroutine: it
// gathers what waits at the door, steps the state, makes the changes durable and
// only then visible. [Directory] keeps the accounts that are awake.
//
// What it promises:
//
//  1. Everything happens in one order. A post that is answered is durable, and
//     no screen shows what is not (durable before visible).
//  2. A post with a key that was answered before is answered the same and does
//     nothing (I16).
//  3. What a session may see is decided at follow time and again with every
//     change of rights, in the same step as the change (I11).
//  4. After a crash an account wakes with every acknowledged post and none half.
//
// It does not promise that a post which got no answer did not happen: send it
// again with its key.
package account
