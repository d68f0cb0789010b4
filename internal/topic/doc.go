// Package topic is the waist of the server: named pieces of state, each entry
// with the seq of its last change. Whoever makes state change writes here;
// whoever carries state to a reader takes from here; neither knows the other.
//
// # One question
//
// A reader says what it holds of a topic, a seq, and gets one of four answers:
// start over (here is everything, from 0), wait (you have it all), the
// difference (one sum, however many steps it slept through), or start over
// because the gravestones it would need are gone. First load, live update and
// reconnect are the same question, so there is no history to replay and no
// queue to overflow: a slow reader simply asks less often and is told the sum.
//
// # What it promises
//
//  1. A step is seen whole or not at all, over all its topics.
//  2. No reader is told the past: what it is given of a topic only moves on.
//  3. A cursor is given of a topic only what its guide leads to, judged in the
//     same step: whoever loses a right is told so by a Gone and given nothing of
//     a later seq (I11).
//  4. Readers at equal cursors share one patch, encoded once.
//
// It does not promise that a reader sees every step: it sees the newest state.
package topic
