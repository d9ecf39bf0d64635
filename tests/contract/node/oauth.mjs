// Lets oauth4webapi, which nobody here wrote, go through our OAuth flows; prints one JSON line of what it accepted.
// The issuer's address is where the server is said to be; BASE is where this test serves it. The consent page is played by
// the test: it is told the authorization request on stdout and answers with the redirect on stdin.
import * as oauth from "oauth4webapi";
import { createInterface } from "node:readline/promises";

const { ISSUER, BASE, MACHINE_ID, MACHINE_SECRET, APP_ID, CALLBACK, SCOPE } = process.env;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const options = {
  [oauth.allowInsecureRequests]: true,
  [oauth.customFetch]: (url, init) => fetch(String(url).replace(ISSUER, BASE), init),
};
const passed = [];
const issuer = new URL(ISSUER);

const discovered = await oauth.discoveryRequest(issuer, { ...options, algorithm: "oauth2" });
const as = await oauth.processDiscoveryResponse(issuer, discovered);
passed.push("discovery");

const machine = { client_id: MACHINE_ID };
const machineAuth = oauth.ClientSecretBasic(MACHINE_SECRET);
const own = await oauth.processClientCredentialsResponse(
  as,
  machine,
  await oauth.clientCredentialsGrantRequest(as, machine, machineAuth, { scope: SCOPE }, options),
);
passed.push("client_credentials");

const app = { client_id: APP_ID };
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const request = new URL(as.authorization_endpoint);
request.search = new URLSearchParams({
  client_id: APP_ID,
  redirect_uri: CALLBACK,
  response_type: "code",
  scope: SCOPE,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
});
console.log(JSON.stringify({ authorize: request.href }));
const redirect = new URL((await lines.next()).value);
const parameters = oauth.validateAuthResponse(as, app, redirect, state);
const tokens = await oauth.processAuthorizationCodeResponse(
  as,
  app,
  await oauth.authorizationCodeGrantRequest(as, app, oauth.None(), parameters, CALLBACK, verifier, options),
);
passed.push("authorization_code");

const authorized = new Request(`${ISSUER}/v1/customers`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
const validating = { ...options, [oauth.jwksCache]: {} };
const claims = await oauth.validateJwtAccessToken(as, authorized, "dunwell", validating);
if (claims.client_id !== APP_ID) throw new Error("the token is another client's");
passed.push("jwt_access_token");

const renewed = await oauth.processRefreshTokenResponse(
  as,
  app,
  await oauth.refreshTokenGrantRequest(as, app, oauth.None(), tokens.refresh_token, options),
);
if (renewed.refresh_token === tokens.refresh_token) throw new Error("the refresh token did not rotate");
passed.push("refresh_token");

const introspect = async (token) =>
  oauth.processIntrospectionResponse(
    as,
    machine,
    await oauth.introspectionRequest(as, machine, machineAuth, token, options),
  );
if (!(await introspect(renewed.access_token)).active || !(await introspect(own.access_token)).active)
  throw new Error("a good token is said to be inactive");
passed.push("introspection");

const end = async (client, authentication, token) =>
  oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, token, options));
await end(app, oauth.None(), renewed.refresh_token);
await end(machine, machineAuth, own.access_token);
if ((await introspect(own.access_token)).active || (await introspect(renewed.refresh_token)).active)
  throw new Error("a revoked token is said to be active");
passed.push("revocation");

const resource = new URL(ISSUER);
await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, options));
passed.push("protected_resource");
console.log(JSON.stringify({ passed }));
process.exit(0);
