# Keys to rotate on a schedule from now on. In the generated configuration, rotate_after
# is so long that no key is due yet: shorten it after the import.
#
#   terraform query -generate-config-out=keys.tf
#   terraform plan     # imports, and no changes
#   terraform apply
list "everflow_rotating_api_key" "legacy" {
  provider = everflow
  limit    = 1000 # Terraform stops at 100 otherwise

  config {
    name_contains = "Legacy API Key"
  }
}
