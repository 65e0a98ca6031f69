// A real OpenID provider on the loopback, for tests: node provider.mjs <port> <redirect address>
// Who signs in as "ada" has the claims that the environment variable ACCOUNTS gives for "ada".
import Provider from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const accounts = JSON.parse(process.env.ACCOUNTS);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "catalogue",
      client_secret: "a secret for tests",
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  // As many providers do, and against the letter of Core 5.4: everything in the ID token.
  conformIdTokenClaims: process.env.IN_ID_TOKEN !== "yes",
  pkce: { required: () => true },
  cookies: { keys: ["of no worth"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...accounts[id] }),
  }),
  features: { devInteractions: { enabled: true } },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
