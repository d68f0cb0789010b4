// Package views counts how many tickets each saved view holds, for whom, and
// until when that is so.
//
// What it promises:
//
//  1. A counter is right at every call that returns: it equals a recount of its
//     condition over all tickets at the engine's now (I8), or it says that it
//     is still counting (VC-12). It is never a guess.
//  2. Counts are state, not sums of differences. Each ticket remembers the set
//     of counters it stands in; a change evaluates the new row only and adjusts
//     by the difference of the sets. A change told twice, late, or in another
//     order of tickets leaves the same numbers (I9, I22).
//  3. Time is a change like any other. Each ticket knows the first instant at
//     which a condition may turn, and at most one timer waits for it (I17).
//  4. A ticket is in a list exactly when it is in the count: both read the same
//     set (I10, VC-15).
//
// It does not know agents, topics or disks. It has no clock and no goroutine:
// it is told the time, and slow work (first counts, the audit) is done in slices
// that the caller asks for.
package views
