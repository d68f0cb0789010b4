// Package law holds the rules of the house that a machine can check. It has
// tests only: they read the sources and ARCHITECTURE.md, and refuse what the
// map does not show.
package law
