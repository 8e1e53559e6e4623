terraform {
  required_providers {
    everflow = {
      source = "everflow-community/everflow"
    }
  }
}

# The network API key comes from the environment variable EVERFLOW_API_KEY. A Terraform
# variable for it needs ephemeral = true: otherwise every saved plan has it in clear text.
provider "everflow" {
  # For an account hosted in the EU, add: region = "eu"

  # The public address that Terraform calls from, such as that of a NAT gateway.
  # The plan refuses a whitelist that leaves it out.
  egress_ip_addresses = ["203.0.113.10"]
}
