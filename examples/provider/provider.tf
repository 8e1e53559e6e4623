terraform {
  required_providers {
    everflow = {
      source = "everflow-community/everflow"
    }
  }
}

# The network API key comes from the environment: EVERFLOW_API_KEY. From a variable,
# it needs ephemeral = true there, or it is in clear text in every saved plan.
provider "everflow" {
  # For an account hosted in the EU, add: region = "eu"

  # Where this Terraform's calls come from, such as the address of a NAT gateway.
  # A whitelist that leaves it out is then refused by the plan.
  egress_ip_addresses = ["203.0.113.10"]
}
