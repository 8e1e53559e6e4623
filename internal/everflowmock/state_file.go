package everflowmock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	stateFormat  = "everflow-mock-state"
	stateVersion = 1
)

// stateFile keeps the server's data on disk. It has hashes of keys, never a secret.
type stateFile struct {
	path     string
	restored bool
}

type savedState struct {
	Format           string          `json:"format"`
	Version          int             `json:"version"`
	WhitelistSavedAt int64           `json:"api_whitelist_time_saved"`
	Data             json.RawMessage `json:"data"`
}

// open reads the file, or creates it with initial. A file that cannot be
// understood is left as it is.
func (f *stateFile) open(initial data, now time.Time) (data, error) {
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return initial, f.save(initial)
	}
	if err != nil {
		return data{}, f.failed(err)
	}
	d, err := parseState(raw, now)
	if err != nil {
		return data{}, f.failed(fmt.Errorf("%w; it was left as it is: move it away to start afresh", err))
	}
	f.restored = true
	return d, f.save(d) // now, rather than at the first call, is the time to find it read-only
}

func parseState(raw []byte, now time.Time) (data, error) {
	var probe struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(raw, &probe); err != nil || probe.Format != stateFormat {
		return data{}, errors.New("not a state file of this mock")
	}
	if probe.Version != stateVersion {
		return data{}, fmt.Errorf("version %d of the format is not known here", probe.Version)
	}
	var state savedState
	if err := decodeStrict(raw, "", &state); err != nil {
		return data{}, err
	}
	seed, err := decodeSeed(state.Data, "data")
	if err != nil {
		return data{}, err
	}
	d, err := seed.restore(now)
	d.whitelistSavedAt = state.WhitelistSavedAt
	return d, err
}

// save replaces the file in one step: readers, and a server after a crash,
// find the old content or the new one.
func (f *stateFile) save(d data) error {
	content, err := json.Marshal(d.seed())
	if err != nil {
		return f.failed(err)
	}
	content, err = json.MarshalIndent(savedState{stateFormat, stateVersion, d.whitelistSavedAt, content}, "", "  ")
	if err != nil {
		return f.failed(err)
	}
	if err := replaceFile(f.path, append(content, '\n')); err != nil {
		return f.failed(err)
	}
	return nil
}

func (f *stateFile) failed(err error) error {
	return fmt.Errorf("state file %s: %w", f.path, err)
}

func replaceFile(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, filepath.Base(path)+".tmp-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return err
	}
	if d, openErr := os.Open(dir); openErr == nil {
		_ = d.Sync() // not every system lets a directory be synced; the rename stands without it
		d.Close()
	}
	return nil
}
