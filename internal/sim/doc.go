// Package sim is a helpdesk that is not there: agents, customers and tickets for
// the demo and the benches. Everything drawn comes from a seed, so two runs of
// one seed are equal.
package sim
