package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

// plan plans a configuration whose resources are all in the state, so that there is
// nothing to do.
func (b *bench) plan(provider, hcl string, fill func(*workspace) error) (took time.Duration, calls int, err error) {
	w, err := b.workspace(provider, everflowmock.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer w.stop()
	if err := w.write(hcl); err != nil {
		return 0, 0, err
	}
	if err := fill(w); err != nil {
		return 0, 0, err
	}
	return w.do("plan", "-detailed-exitcode")
}

// planOf plans keys that are all in the state, and refreshes them.
func (b *bench) planOf(provider string, keys int) (took time.Duration, calls int, err error) {
	return b.plan(provider, keysHCL(keys, ""), func(w *workspace) error { return w.seedKeys(keys) })
}

// floor is the time that Terraform itself takes for so many resources, of a
// provider that makes no calls.
func (b *bench) floor(resources int) (time.Duration, error) {
	hcl := fmt.Sprintf("resource \"terraform_data\" \"floor\" {\n  count = %d\n  input = \"floor ${count.index}\"\n}\n", resources)
	took, _, err := b.plan(b.provider, hcl, func(w *workspace) error {
		_, _, err := w.do("apply", "-auto-approve")
		return err
	})
	return took, err
}

// floors are the times that Terraform itself takes to apply these texts, to plan them
// again, and to apply a change of one, in a resource that makes no calls.
func (b *bench) floors(kind string, texts []string) (applied, planned, changed time.Duration, err error) {
	w, err := b.workspace(b.provider, everflowmock.Options{})
	if err != nil {
		return 0, 0, 0, err
	}
	defer w.stop()
	hcl := func(texts []string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"bench\" {\n  input = %s([\"%s\"])\n}\n", kind, strings.Join(texts, `", "`))
	}
	return w.applyPlanAndChange(hcl, texts)
}

// applyPlanAndChange creates a resource of these texts, plans it again, and changes
// one of them.
func (w *workspace) applyPlanAndChange(hcl func([]string) string, texts []string) (applied, planned, changed time.Duration, err error) {
	if err = w.write(hcl(texts)); err != nil {
		return 0, 0, 0, err
	}
	if applied, w.calls[0], err = w.do("apply", "-auto-approve"); err != nil {
		return 0, 0, 0, err
	}
	if planned, w.calls[1], err = w.do("plan", "-detailed-exitcode"); err != nil {
		return 0, 0, 0, err
	}
	other := slices.Clone(texts)
	other[len(other)/2] = "203.0.113.7"
	if err = w.write(hcl(other)); err != nil {
		return 0, 0, 0, err
	}
	changed, w.calls[2], err = w.do("apply", "-auto-approve")
	return applied, planned, changed, err
}

// refreshes: a refresh of many keys costs a page of the table for each 2,000 of
// them, and two calls.
func (b *bench) refreshes() (rows []row, err error) {
	for _, keys := range []int{1, 200, 2000} {
		took, calls, err := b.planOf(b.provider, keys)
		if err != nil {
			return rows, err
		}
		least, err := b.floor(keys)
		if err != nil {
			return rows, err
		}
		most := 1
		if keys > 1 {
			most = 2 + (keys+1999)/2000 + 1 // the seed's own keys can take up a page more
		}
		rows = append(rows, row{work: fmt.Sprintf("plan, %d keys in the state", keys), calls: calls, most: most, took: took, compared: "Terraform's own", with: least})
	}
	return rows, nil
}

// creations at the very limit that Everflow has, alone and beside others.
func (b *bench) creations() (rows []row, err error) {
	for _, test := range []struct {
		work      string
		keys      int
		perSecond float64
		limit     everflowmock.RateLimit
		others    bool
	}{
		{"create 1,000 keys at 30/s, of a quota of 900 in 30 s", 1000, 30, everflowmock.RateLimit30(), false},
		{"create 300 keys, others taking 10/s of a quota of 600 in 30 s", 300, 15, everflowmock.RateLimit20(), true},
	} {
		w, err := b.workspace(b.provider, everflowmock.Options{RateLimit: test.limit})
		if err != nil {
			return rows, err
		}
		if err := w.write(keysHCL(test.keys, fmt.Sprintf("max_requests_per_second = %v", test.perSecond))); err != nil {
			return rows, err
		}
		var foreign atomic.Int64
		done := make(chan struct{})
		if test.others {
			go w.others(&foreign, done)
		}
		took, calls, err := w.do("apply", "-auto-approve")
		close(done)
		w.stop()
		if err != nil {
			return rows, err
		}
		rows = append(rows, row{
			work: test.work, calls: calls - int(foreign.Load()), most: test.keys*102/100 + 3, took: took,
			compared: "the quota's time", with: time.Duration(float64(test.keys) / test.perSecond * float64(time.Second)),
		})
	}
	return rows, nil
}

// others use half of the quota.
func (w *workspace) others(made *atomic.Int64, done chan struct{}) {
	base := ""
	for _, variable := range w.env {
		if value, ok := strings.CutPrefix(variable, "EVERFLOW_BASE_URL="); ok {
			base = value
		}
	}
	for {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Millisecond):
			request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, base+"/v1/networks", nil)
			if err != nil {
				return
			}
			request.Header.Set("X-Eflow-API-Key", everflowmock.DemoAPIKey)
			made.Add(1)
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
			}
		}
	}
}

// lists: a large whitelist takes little more time than Terraform itself does for a
// list of that size, and one call that writes between those that look at it. A set
// of that size is measured beside it: its cost grows with its square.
func (b *bench) lists() (rows []row, err error) {
	for _, size := range []int{50, 5000} {
		entries := make([]string, size)
		for i, address := 0, home; i < size; i, address = i+1, address.Next() {
			entries[i] = address.String()
		}
		listApplied, listPlanned, listChanged, err := b.floors("tolist", entries)
		if err != nil {
			return rows, err
		}
		w, err := b.workspace(b.provider, everflowmock.Options{})
		if err != nil {
			return rows, err
		}
		defer w.stop()
		applied, planned, changed, err := w.applyPlanAndChange(func(entries []string) string {
			return fmt.Sprintf("provider \"everflow\" {\n  egress_ip_addresses = [%q]\n}\nresource \"everflow_api_whitelist\" \"bench\" {\n  ip_addresses = [\"%s\"]\n}\n",
				home, strings.Join(entries, `", "`))
		}, entries)
		if err != nil {
			return rows, err
		}
		const compared = "a list in terraform_data"
		rows = append(rows,
			row{work: fmt.Sprintf("apply a whitelist of %d addresses", size), calls: w.calls[0], most: 4, took: applied, compared: compared, with: listApplied},
			row{work: "  plan it again", calls: w.calls[1], most: 1, took: planned, compared: compared, with: listPlanned},
			row{work: "  change one of them", calls: w.calls[2], most: 4, took: changed, compared: compared, with: listChanged},
		)
		setApplied, setPlanned, setChanged, err := b.floors("toset", entries)
		if err != nil {
			return rows, err
		}
		rows = append(rows, row{work: "  a set of that size in terraform_data", note: fmt.Sprintf("apply %s, plan %s, change of one %s",
			setApplied.Round(10*time.Millisecond), setPlanned.Round(10*time.Millisecond), setChanged.Round(10*time.Millisecond))})
	}
	return rows, nil
}

// footprint: memory with 2,000 keys in the state, start-up, and size.
func (b *bench) footprint() (rows []row, err error) {
	file, err := os.Stat(filepath.Join(b.provider, binary))
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{work: "size of the binary, stripped", note: fmt.Sprintf("%.1f MB", float64(file.Size())/1e6)})

	w, err := b.workspace(b.provider, everflowmock.Options{})
	if err != nil {
		return rows, err
	}
	defer w.stop()
	if err := w.write("terraform {}\n"); err != nil {
		return rows, err
	}
	none, err := w.quickest("validate")
	if err != nil {
		return rows, err
	}
	if err := w.write("provider \"everflow\" {}\n"); err != nil {
		return rows, err
	}
	with, err := w.quickest("validate")
	if err != nil {
		return rows, err
	}
	rows = append(rows, row{work: "start-up and schema", note: fmt.Sprintf("%s more than the %s that the CLI takes itself", (with - none).Round(10*time.Millisecond), none.Round(10*time.Millisecond))})

	if runtime.GOOS != "linux" {
		return append(rows, row{work: "memory of the provider, 2,000 keys in the state", note: "measured on Linux only"}), nil
	}
	peak, stop := watchMemory(filepath.Join(b.provider, binary))
	_, _, err = b.planOf(b.provider, 2000)
	stop()
	return append(rows, row{work: "memory of the provider, 2,000 keys in the state", note: fmt.Sprintf("%.0f MB at most", float64(peak.Load())/1e6)}), err
}

// watchMemory looks for the processes of a program, and remembers the most
// memory, in bytes, that one of them has had.
func watchMemory(program string) (peak *atomic.Int64, stop func()) {
	peak = &atomic.Int64{}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			processes, _ := filepath.Glob("/proc/[0-9]*/exe")
			for _, link := range processes {
				if running, err := os.Readlink(link); err == nil && running == program {
					peak.Store(max(peak.Load(), highWater(filepath.Dir(link))))
				}
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}

// highWater reads the most memory that a process has had.
func highWater(process string) int64 {
	status, err := os.ReadFile(filepath.Join(process, "status")) //nolint:gosec // of the kernel
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}
