# A key that has leaked. It is revoked when, and only when, someone asks for it:
#
#   terraform apply -invoke=action.everflow_revoke_api_key.leaked
action "everflow_revoke_api_key" "leaked" {
  config {
    api_key_id = "2" # the data source everflow_api_keys lists the IDs
  }
}
