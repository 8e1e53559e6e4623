// Command terraform-provider-everflow is the Terraform provider for the Security
// section of Everflow: API keys and the API whitelist.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/everflow-community/terraform-provider-everflow/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger can be attached (prints how to point Terraform at it)")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-everflow " + version)
		return
	}
	if err := provider.Serve(context.Background(), version, *debug); err != nil {
		log.Fatal(err)
	}
}
