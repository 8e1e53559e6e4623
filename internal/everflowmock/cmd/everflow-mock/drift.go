package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflowmock"
)

const driftHelp = `everflow-mock drift changes a running mock outside Terraform, as a person in
Everflow's web interface could. The next terraform plan finds the change.

Usage: everflow-mock drift [-addr HOST:PORT] COMMAND

  show                      print the API keys and the API whitelist
  add-key NAME              create a key with all permissions, for the first employee
  rename KEY NAME           give a key another name
  revoke KEY                revoke a key
  whitelist add ADDRESS     add an IP address or a CIDR range
  whitelist remove ADDRESS  remove an IP address or a CIDR range

KEY is an ID, or the name of exactly one active key. Without -addr, the mock is
the one that EVERFLOW_BASE_URL names if that starts with http://, and otherwise
the one at 127.0.0.1:8080.
`

// usageError is a mistake in the command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func runDrift(ctx context.Context, args []string, stdout io.Writer) error {
	mock, args, err := parseRemote(args, os.Getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, driftHelp)
		return nil
	case err != nil:
		return usageError{err.Error()}
	}
	command, ok := parseDrift(args)
	if !ok {
		return usageError{fmt.Sprintf("want a COMMAND with its arguments, got %q", strings.Join(args, " "))}
	}
	var state everflowmock.Seed
	if err := mock.call(ctx, http.MethodGet, "state", nil, &state); err != nil {
		return err
	}
	text, err := command(ctx, mock, &state)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, text)
	return nil
}

// driftCommand changes the mock, whose data was state before, and returns what to print.
type driftCommand func(context.Context, remote, *everflowmock.Seed) (string, error)

func parseDrift(args []string) (driftCommand, bool) {
	switch {
	case len(args) == 1 && args[0] == "show":
		return showState, true
	case len(args) == 2 && args[0] == "add-key":
		return addKey(args[1]), true
	case len(args) == 3 && args[0] == "rename":
		return renameKey(args[1], args[2]), true
	case len(args) == 2 && args[0] == "revoke":
		return revokeKey(args[1]), true
	case len(args) == 3 && args[0] == "whitelist" && (args[1] == "add" || args[1] == "remove"):
		return changeWhitelist(args[1] == "add", args[2]), true
	}
	return nil, false
}

func showState(_ context.Context, _ remote, state *everflowmock.Seed) (string, error) {
	var text strings.Builder
	for _, k := range state.Keys {
		fmt.Fprintf(&text, "API key %-2d  %-7s  %s\n", k.ID, k.Status, printable(k.Name))
	}
	text.WriteString(whitelistText(state.Whitelist))
	return text.String(), nil
}

func whitelistText(entries []string) string {
	if len(entries) == 0 {
		return "API whitelist: empty, every address is accepted"
	}
	return "API whitelist: " + strings.Join(entries, ", ")
}

func addKey(name string) driftCommand {
	return func(ctx context.Context, mock remote, state *everflowmock.Seed) (string, error) {
		employee := state.Employees[0] // a seed has at least one key, and each key has an employee
		var created struct {
			ID     int64  `json:"network_api_key_id"`
			Secret string `json:"api_key"`
		}
		body := map[string]any{"name": name, "network_employee_id": employee.ID, "is_all_permissions": true}
		err := mock.call(ctx, http.MethodPost, "web/networks/security/apikeys", body, &created)
		return fmt.Sprintf("API key %d (%q) was created for %s, with all permissions. Its secret, shown this once:\n  %s",
			created.ID, name, printable(employee.FullName), created.Secret), err
	}
}

func renameKey(idOrName, name string) driftCommand {
	return func(ctx context.Context, mock remote, state *everflowmock.Seed) (string, error) {
		k, err := findKey(state, idOrName)
		if err != nil {
			return "", err
		}
		body := map[string]any{"name": name, "permissions": k.Permissions, "is_all_permissions": k.IsAllPermissions}
		err = mock.call(ctx, http.MethodPut, fmt.Sprintf("web/networks/security/apikeys/%d", k.ID), body, nil)
		return fmt.Sprintf("API key %d (%q) is now named %q.", k.ID, k.Name, name), err
	}
}

func revokeKey(idOrName string) driftCommand {
	return func(ctx context.Context, mock remote, state *everflowmock.Seed) (string, error) {
		k, err := findKey(state, idOrName)
		if err != nil {
			return "", err
		}
		err = mock.call(ctx, http.MethodPost, fmt.Sprintf("web/networks/security/apikeys/%d/revoke", k.ID), nil, nil)
		return fmt.Sprintf("API key %d (%q) is now revoked.", k.ID, k.Name), err
	}
}

func findKey(state *everflowmock.Seed, idOrName string) (*everflowmock.SeedKey, error) {
	if id, err := strconv.ParseInt(idOrName, 10, 64); err == nil {
		if i := slices.IndexFunc(state.Keys, func(k everflowmock.SeedKey) bool { return k.ID == id }); i >= 0 {
			return &state.Keys[i], nil
		}
		return nil, fmt.Errorf("there is no API key %d: everflow-mock drift show lists the keys", id)
	}
	var found []*everflowmock.SeedKey
	for i := range state.Keys {
		if k := &state.Keys[i]; k.Name == idOrName && !k.Revoked() {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d active API keys are named %q: use the ID, which everflow-mock drift show prints", len(found), idOrName)
	}
	return found[0], nil
}

func changeWhitelist(add bool, entry string) driftCommand {
	return func(ctx context.Context, mock remote, state *everflowmock.Seed) (string, error) {
		entries := append(slices.Clone(state.Whitelist), entry)
		if !add {
			entries = slices.DeleteFunc(slices.Clone(state.Whitelist), func(e string) bool { return sameAddress(e, entry) })
			if len(entries) == len(state.Whitelist) {
				return "", fmt.Errorf("%q is not in the whitelist. %s", entry, whitelistText(state.Whitelist))
			}
		}
		var list struct {
			IPAddresses []string `json:"ip_addresses"`
		}
		body := map[string]any{"ip_addresses": append([]string{}, entries...)}
		err := mock.call(ctx, http.MethodPut, "web/networks/security/apiwhitelist", body, &list)
		return whitelistText(list.IPAddresses), err
	}
}

// sameAddress compares an entry as the mock writes it with one that a person typed.
func sameAddress(entry, typed string) bool {
	if p, err := netip.ParsePrefix(typed); err == nil {
		typed = p.Masked().String()
		if p.IsSingleIP() {
			typed = p.Addr().String()
		}
	} else if a, err := netip.ParseAddr(typed); err == nil {
		typed = a.Unmap().String()
	}
	return entry == typed
}
