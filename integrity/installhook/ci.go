package installhook

import "slices"

// CI reports whether nodeint runs on a CI server. It decides by environment
// variables, with the rules of the package ci-info, which npm, pnpm, yarn 1 and
// yarn 2 use. If CI is "false", it returns false regardless of the others.
func CI(getenv func(string) string) bool {
	if getenv("CI") == "false" {
		return false
	}
	set := func(name string) bool { return getenv(name) != "" }
	return slices.ContainsFunc(ciVariables, set)
}

// ciVariables are the variables that CI servers set. Many servers set those in
// the first line; one server sets each of the others.
var ciVariables = []string{
	"CI", "BUILD_ID", "BUILD_NUMBER", "CI_APP_ID", "CI_BUILD_ID", "CI_BUILD_NUMBER", "CI_NAME", "CONTINUOUS_INTEGRATION", "RUN_ID",
	"AC_APPCIRCLE", "AGOLA_GIT_REF", "ALPIC_HOST", "APPCENTER_BUILD_ID", "APPVEYOR", "BITBUCKET_COMMIT", "BITRISE_IO",
	"BUDDY_WORKSPACE_ID", "BUILDER_OUTPUT", "BUILDKITE", "CF_BUILD_ID", "CF_PAGES", "CIRCLECI", "CIRRUS_CI", "CI_XCODE_PROJECT",
	"CM_BUILD_ID", "CODEBUILD_BUILD_ARN", "DRONE", "DSARI", "EARTHLY_CI", "EAS_BUILD", "GERRIT_PROJECT", "GITEA_ACTIONS",
	"GITHUB_ACTIONS", "GITLAB_CI", "GO_PIPELINE_LABEL", "HARNESS_BUILD_ID", "HUDSON_URL", "LAYERCI", "MAGNUM", "NETLIFY",
	"NEVERCODE", "NOW_BUILDER", "PROW_JOB_ID", "RELEASE_BUILD_ID", "RENDER", "SAILCI", "SCREWDRIVER", "SEMAPHORE", "STRIDER",
	"TEAMCITY_VERSION", "TF_BUILD", "TRAVIS", "VELA", "VERCEL", "WORKERS_CI", "XCS", "bamboo_planKey",
}
