// Argo Rollouts' controller, which foreshift's costs are compared with: see ../../README.md. It is built from a copy of
// this module, as it asks for a newer patch release of Go than many have.
module foreshift.invalid/argo-rollouts

go 1.26.0

require (
	github.com/argoproj/argo-rollouts v1.10.2
)
