# Keys to be renewed on a schedule from now on. What is written proposes a schedule
# under which none is due yet: shorten rotate_after once they are imported.
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
