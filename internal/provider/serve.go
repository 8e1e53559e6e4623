package provider

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

const address = "registry.terraform.io/everflow-community/everflow"

// Serve serves the provider until Terraform is done with it. Short-lived keys that
// Terraform did not close, as it does not when it is interrupted, are revoked then.
// With debug, it prints how to point Terraform at it and can be debugged.
func Serve(ctx context.Context, version string, debug bool) error {
	log.SetOutput(io.Discard) // net/http writes to it what it cannot read, which can be a secret
	shortLived := &shortLivedKeys{}
	server, err := newServer(&everflowProvider{version: version, shortLived: shortLived})
	if err != nil {
		return err
	}
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		quietUnlessAsked()
	}
	err = tf6server.Serve(address, func() tfprotov6.ProviderServer { return server }, options...)
	shortLived.revokeAll(ctx)
	return err
}

// quietUnlessAsked keeps the framework from writing each of its steps to the log when
// Terraform writes no log. It does so by default, for Terraform to read and to drop,
// which took nearly half of the time of a plan of 2,000 keys.
// See https://developer.hashicorp.com/terraform/plugin/log/managing
func quietUnlessAsked() {
	asked := slices.ContainsFunc(os.Environ(), func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TF_LOG") && value != ""
	})
	if !asked {
		_ = os.Setenv("TF_LOG_SDK", "OFF")
	}
}

// NewServer returns what Serve serves.
func NewServer(version string) (tfprotov6.ProviderServer, error) {
	return newServer(&everflowProvider{version: version, shortLived: &shortLivedKeys{}})
}

func newServer(p *everflowProvider) (tfprotov6.ProviderServer, error) {
	if p.now == nil {
		p.now = machineTime
	}
	framework, err := providerserver.NewProtocol6WithError(p)()
	if err != nil {
		return nil, err
	}
	whole, ok := framework.(frameworkServer)
	if !ok {
		return nil, fmt.Errorf("the framework's %T lacks a part of the protocol", framework)
	}
	return server{whole}, nil
}
