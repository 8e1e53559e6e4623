package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
)

// cli is a terraform or tofu.
type cli struct {
	path, version string
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v\S+`)

// find asks each CLI for its version. One that was named twice is taken once.
func find(ctx context.Context, names []string) (clis []cli, err error) {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("there is no %s: %w", name, err)
		}
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(clis, func(c cli) bool { return c.path == path }) {
			continue
		}
		command := exec.CommandContext(ctx, path, "version") //nolint:gosec // the caller named it, to have it run
		command.Env = environment(path)
		said, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s does not tell its version: %w", path, err)
		}
		version := versionLine.Find(said)
		if version == nil {
			return nil, fmt.Errorf("%s is neither Terraform nor OpenTofu: asked for its version, it said %q", path, said)
		}
		clis = append(clis, cli{path: path, version: string(version)})
	}
	return clis, nil
}

// environment has no developer's own Terraform settings in it, and no call home.
func environment(path string) []string {
	return append(os.Environ(), "TF_ACC_TERRAFORM_PATH="+path, "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
}
