# The entries of the whitelist, to be managed one by one:
#
#   terraform query -generate-config-out=entries.tf
#   terraform plan     # imports, and no changes
#   terraform apply
list "everflow_api_whitelist_entry" "all" {
  provider = everflow
  limit    = 1000 # Terraform stops at 100 otherwise
}
