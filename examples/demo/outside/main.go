// Command outside does what others do to a network while Terraform is not
// looking, for the demo. It calls the API of EVERFLOW_BASE_URL with EVERFLOW_API_KEY.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

const usage = `usage:
  outside whitelist ENTRY...  replace the API whitelist
  outside revoke NAME         revoke the active API key of this name
  outside show                print the API keys and the API whitelist
  outside try <SECRET         print whether the API accepts this key; exit 3 if not`

// refused is the exit code of try for a key that the API does not accept.
const refused = 3

func main() {
	code, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		code = 1
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string) (exitCode int, err error) {
	client, err := newClient(os.Getenv("EVERFLOW_API_KEY"))
	if err != nil {
		return 0, err
	}
	switch {
	case len(args) > 1 && args[0] == "whitelist":
		return 0, replaceWhitelist(ctx, client, args[1:])
	case len(args) == 2 && args[0] == "revoke":
		return 0, revoke(ctx, client, args[1])
	case len(args) == 1 && args[0] == "show":
		return 0, show(ctx, client)
	case len(args) == 1 && args[0] == "try":
		return try(ctx)
	}
	return 0, errors.New(usage)
}

func newClient(key string) (*everflow.Client, error) {
	return everflow.New(everflow.Config{APIKey: everflow.NewSecret(key), BaseURL: os.Getenv("EVERFLOW_BASE_URL"), UserAgent: "everflow-demo"})
}

func replaceWhitelist(ctx context.Context, client *everflow.Client, entries []string) error {
	list, err := client.ReplaceWhitelist(ctx, entries)
	if err != nil {
		return err
	}
	fmt.Println("The API whitelist is now", strings.Join(list.IPAddresses, ", "))
	return nil
}

func revoke(ctx context.Context, client *everflow.Client, name string) error {
	keys, err := client.APIKeys(ctx, everflow.APIKeyFilter{Status: everflow.StatusActive, NameContains: name})
	if err != nil {
		return err
	}
	if len(keys) != 1 {
		return fmt.Errorf("%d active API keys are named %q", len(keys), name)
	}
	key, err := client.RevokeAPIKey(ctx, keys[0].ID)
	if err != nil {
		return err
	}
	fmt.Printf("API key %d (%q) is now %s\n", key.ID, key.Name, key.Status)
	return nil
}

func show(ctx context.Context, client *everflow.Client) error {
	keys, err := client.APIKeys(ctx, everflow.APIKeyFilter{})
	if err != nil {
		return err
	}
	list, err := client.Whitelist(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		fmt.Printf("API key %-2d %-8s %s\n", key.ID, key.Status, key.Name)
	}
	if len(list.IPAddresses) == 0 {
		fmt.Println("API whitelist: empty")
		return nil
	}
	fmt.Println("API whitelist:", strings.Join(list.IPAddresses, ", "))
	return nil
}

// try reads a secret from standard input, where no list of processes shows it.
func try(ctx context.Context) (exitCode int, err error) {
	secret, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 0, err
	}
	client, err := newClient(strings.TrimSpace(string(secret)))
	if err != nil {
		return 0, err
	}
	network, err := client.Network(ctx)
	switch {
	case err == nil:
		fmt.Printf("accepted, it opens the API of %q\n", network.Name)
		return 0, nil
	case everflow.StatusOf(err) == 401:
		fmt.Printf("refused, %s\n", err)
		return refused, nil
	}
	return 0, err
}
