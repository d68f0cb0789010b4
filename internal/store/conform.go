package store

import (
	"path/filepath"
	"testing"
)

// Conform holds a store against the promises of this package. open opens the
// store at a path, and makes it if it is not there.
func Conform(t *testing.T, open func(path string) (Store, error)) {
	for name, claim := range map[string]func(*bench){
		"WhatIsCommittedIsLoaded":          committedIsLoaded,
		"OrderIsByIDAndPlace":              orderIsByIDAndPlace,
		"PagesAreTheWholeInOrder":          pagesAreTheWhole,
		"DocsOfABatchTakeEffectInOrder":    docsTakeEffectInOrder,
		"ARemovedTicketTakesItsMessages":   removedTicketTakesMessages,
		"BytesAndNumbersComeBackAsTheyAre": bytesComeBack,
		"AnOutcomeIsKeptByAccountAndKey":   outcomeIsKept,
		"ForgetDropsWhatIsOlder":           forgetDropsOlder,
		"AccountsAreThoseWithSettings":     accountsAreListed,
		"AnAPIKeyLeadsToItsAccount":        apiKeyLeads,
		"ADroppedAccountLeavesNothing":     droppedLeavesNothing,
		"AbsentIsNoError":                  absentIsNoError,
		"AModelAgrees":                     modelAgrees,
		"ManyCommitAtOnce":                 manyCommitAtOnce,
		"AClosedStoreAcknowledgesNothing":  closedAcknowledgesNothing,
		"ALoadSeesNoHalfBatch":             loadSeesNoHalf,
		"AYieldThatFailsEndsTheLoad":       yieldEndsLoad,
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{T: t, open: open, path: filepath.Join(t.TempDir(), "store.db")}
			b.reopen()
			t.Cleanup(b.close)
			claim(b)
		})
	}
}
