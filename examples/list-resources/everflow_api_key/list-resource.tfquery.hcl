# Active keys from before Everflow's Security section. To import all of them, in a
# directory that configures the provider:
#
#   terraform query -generate-config-out=keys.tf
#   terraform plan     # imports, and no changes
#   terraform apply
list "everflow_api_key" "legacy" {
  provider = everflow
  limit    = 1000 # Terraform stops at 100 otherwise

  config {
    name_contains = "Legacy API Key"
  }
}
