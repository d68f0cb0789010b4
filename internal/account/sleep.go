package account

import (
	"slices"
	"time"

	"github.com/deskwire/deskwire/internal/desk"
)

// tend puts quiet accounts to sleep, for as long as the directory lives.
func (d *Directory) tend() {
	pace := time.NewTicker(d.opts.Quiet / 10)
	defer pace.Stop()
	for {
		select {
		case <-pace.C:
			d.tuck()
		case <-d.stop:
			return
		}
	}
}

// tuck puts to sleep the accounts without sessions that were quiet for long,
// and, while the awake ones take more than the budget, the longest quiet first.
func (d *Directory) tuck() {
	total := int64(0)
	var quiet []*bed
	for _, b := range d.beds() {
		total += b.account.vital.bytes.Load()
		if b.account.vital.sessions.Load() == 0 {
			quiet = append(quiet, b)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.SortFunc(quiet, func(a, b *bed) int { return a.used.Compare(b.used) })
	for _, b := range quiet {
		if time.Since(b.used) >= d.opts.Quiet || total > d.opts.Budget {
			total -= b.account.vital.bytes.Load()
			d.layDown(b.account)
		}
	}
}

// beds lists the accounts that are awake, those still waking left out.
func (d *Directory) beds() (awake []*bed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.awake {
		select {
		case <-b.ready:
			if b.err == nil {
				awake = append(awake, b)
			}
		default:
		}
	}
	return awake
}

// layDown ends an account's goroutine. A post at its door just now is told
// that it sleeps, and wakes it again. The caller holds d.mu.
func (d *Directory) layDown(a *Account) {
	if b := d.awake[a.id]; b == nil || b.account != a {
		return
	}
	delete(d.awake, a.id)
	close(a.stop)
}

// Sleep puts the account to sleep now, and returns when it does.
func (d *Directory) Sleep(id desk.AccountID) {
	d.mu.Lock()
	b := d.awake[id]
	d.mu.Unlock()
	if b == nil {
		return
	}
	<-b.ready
	if b.err != nil {
		return
	}
	d.mu.Lock()
	d.layDown(b.account)
	d.mu.Unlock()
	<-b.account.ended
}

// Awake is how many accounts are awake or waking.
func (d *Directory) Awake() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.awake)
}

// Close puts every account to sleep and returns when nothing runs any more.
func (d *Directory) Close() {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.closed = true
	close(d.stop)
	d.mu.Unlock()
	for _, b := range d.beds() {
		d.mu.Lock()
		d.layDown(b.account)
		d.mu.Unlock()
	}
	d.nurse.Wait()
}
