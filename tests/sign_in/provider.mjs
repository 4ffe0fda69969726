// A real OpenID Connect provider on loopback, which signs in whoever types a name and asks whether that may be told.
// node provider.mjs PORT
// What a test PUTs to /script decides how later answers differ from the true ones, by path: {status, body, merge}.
import Provider from "oidc-provider"

const port = process.argv[2]
const issuer = `http://127.0.0.1:${port}`
let script = {}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "dashboard",
      client_secret: "a-secret-of-the-tests",
      // Of a native application, any port of loopback is allowed.
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/login/callback/"],
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  cookies: { keys: ["only-for-tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  // "alice+staff+readers" is alice in two groups.
  findAccount: (_, id) => {
    const [name, ...groups] = id.split("+")
    const claims = { sub: `sub-${name}`, preferred_username: name, name, groups, email: `${name}@example.org`, email_verified: true }
    return { accountId: id, claims: async () => claims }
  },
})

const page = (text, buttons) => `<!doctype html><html lang="en"><title>Provider</title><h1>${text}</h1><form method="post">${buttons}</form>`

async function read(request) {
  let text = ""
  for await (const part of request) text += part
  return text
}

async function interact(ctx) {
  const { uid, prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res)
  if (ctx.method === "GET") {
    ctx.body =
      prompt.name === "login"
        ? page("Who are you?", '<label>Name <input name="name" autofocus></label><button>Go on</button>')
        : page("May the dashboard know you?", '<button name="answer" value="yes">Allow</button><button name="answer" value="no">Refuse</button>')
    return
  }
  const form = new URLSearchParams(await read(ctx.req))
  let result = { error: "access_denied", error_description: "Refused." }
  if (prompt.name === "login") {
    result = { login: { accountId: form.get("name") } }
  } else if (form.get("answer") === "yes") {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    result = { consent: { grantId: await grant.save() } }
  }
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true })
}

provider.use(async (ctx, next) => {
  if (ctx.method === "PUT" && ctx.path === "/script") {
    script = JSON.parse(await read(ctx.req))
    ctx.body = "ok"
    return
  }
  const change = script[ctx.path] ?? {}
  if (change.status) {
    ctx.status = change.status
    ctx.body = change.body ?? "A fault of the test."
    return
  }
  await (ctx.path.startsWith("/interaction/") ? interact(ctx) : next())
  if (change.merge) ctx.body = { ...ctx.body, ...change.merge }
})

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"))
