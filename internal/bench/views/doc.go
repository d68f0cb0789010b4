// Package views measures the views engine against SQL, side by side in one run:
// what a change of one ticket costs, what a recount costs, and what the engine
// holds in memory. Every count of the engine is compared with SQL's, so a fast
// wrong answer is a failure.
package views
