#!/bin/sh
# Applies the plan that plan.sh has just made, or stops. Usage:
#
#   apply.sh DIGEST     if it is the plan with this digest: the one that was reviewed
#   apply.sh rotation   if all that it does is what the schedule of rotating keys asks for
#
# A plan with nothing to do is fine with both. Terraform and the provider have guards of
# their own: a plan is stale if the state has changed since, and the whitelist is not
# written if it has.
set -eu

allowed=$1
out=everflow-out
terraform=${TERRAFORM:-terraform}
reason=$(sed -n 's/^reason=//p' "$out/outputs.env")
digest=$(sed -n 's/^digest=//p' "$out/outputs.env")

stop() {
  if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::error::Everflow: $1"; else echo "$1" >&2; fi
  exit 1
}

case $allowed,$reason in
  *,plan_failed | *,locked_out) stop "Nothing is applied: the plan failed." ;;
  *,none) echo "There is nothing to apply." && exit 0 ;;
  rotation,rotation_due | rotation,failed_check,rotation_due) ;; # A failed check stops no apply.
  rotation,*rotation_due*) stop "Nothing is applied: a rotation is due, but the plan does more than that ($reason). Review it, and apply by hand." ;;
  rotation,*) echo "No rotation is due. What else the plan does is not for this job: $reason." && exit 0 ;;
  *) [ "$digest" = "$allowed" ] || stop "Nothing is applied: this is not the plan that was reviewed. Something has changed since, in the configuration or in Everflow. Review the plan above, and apply by hand." ;;
esac

# What an apply prints names resources and outputs.
if [ "$(jq -r .details "$out/report.json")" != full ]; then
  "$terraform" apply -input=false -no-color "$out/plan.tfplan" >"$out/apply.txt" 2>&1 ||
    stop "The apply failed. Its messages are not shown, since the repository is not known to be private."
  echo "Applied."
else
  "$terraform" apply -input=false -no-color "$out/plan.tfplan"
fi
