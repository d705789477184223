/**
 * The rule of a ConstraintTemplate: every image of whatever runs pods is asked about, in one call, and anything but a good answer about
 * each of them denies. A provider's answer may leave keys out, so they are counted (Gatekeeper, "External Data").
 *
 * @param provider a name of Kubernetes
 */
export function templateRego(packageName: string, provider: string): string {
  return `package ${packageName}

# Where kinds that run pods have their description.
specs[spec] { spec := input.review.object.spec }
specs[spec] { spec := input.review.object.template.spec }
specs[spec] { spec := input.review.object.spec.template.spec }
specs[spec] { spec := input.review.object.spec.jobTemplate.spec.template.spec }

lists := {"containers", "initContainers", "ephemeralContainers"}

found[image] { image := specs[_][lists[_]][_].image }
found[image] { image := specs[_].volumes[_].image.reference }

images[image] {
  found[image]
  is_string(image)
  image != ""
}

# Credentials are those of the namespace.
key(image) = full {
  namespace := object.get(input.review, "namespace", "")
  namespace != ""
  full := sprintf("[%v]%v", [namespace, image])
}
key(image) = image { object.get(input.review, "namespace", "") == "" }

keys := sort([key(image) | images[image]])

response := external_data({"provider": "${provider}", "keys": keys}) { count(keys) > 0 }

answered[asked] { asked := response.responses[_][0] }
answered[asked] { asked := response.errors[_][0] }

violation[{"msg": msg}] {
  found[image]
  not is_string(image)
  msg := "an image is no text; write its name"
}
violation[{"msg": msg}] {
  count(keys) > 0
  not response
  msg := "images could not be judged: ${provider} did not answer"
}
violation[{"msg": msg}] {
  response.system_error != ""
  msg := sprintf("images could not be judged: %v", [response.system_error])
}
violation[{"msg": msg}] {
  [asked, why] := response.errors[_]
  msg := sprintf("%v: %v", [asked, why])
}
violation[{"msg": msg}] {
  asked := keys[_]
  response.system_error == ""
  not answered[asked]
  msg := sprintf("%v: ${provider} said nothing of it", [asked])
}
violation[{"msg": msg}] {
  [asked, value] := response.responses[_]
  object.get(value, "succeeded", false) != true
  msg := sprintf("%v: %v", [asked, object.get(value, "message", "it is not allowed")])
}
`;
}
