// Security keys: the options of the server stand in the form, and the key's answer goes back in it.
(() => {
  const ask = {
    create: async (options) =>
      navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
    get: async (options) =>
      navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  }

  const refuse = (form, reason) => {
    const known = [...form.querySelectorAll("[data-refusal]")]
    const shown = known.find((words) => words.dataset.refusal === reason) ?? known.at(-1)
    for (const words of known) words.hidden = words !== shown
  }

  const use = async (form) => {
    const options = JSON.parse(form.querySelector("script[type='application/json']").textContent)
    try {
      const credential = await ask[form.dataset.securityKey](options)
      form.elements.credential.value = JSON.stringify(credential)
      form.submit()
    } catch (error) {
      refuse(form, error.name)
    }
  }

  for (const form of document.querySelectorAll("[data-security-key]")) {
    form.hidden = false
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      use(form)
    })
  }
})()
