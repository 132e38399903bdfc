import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
} from '@modelcontextprotocol/client';
import { authorize } from './authorization-agent.ts';

/** The redirect URI. No server listens there: the agent only reads the redirect's parameters. */
const CALLBACK = 'http://127.0.0.1/callback';

/** An OAuth provider for the SDK's client. Its user signs in without a browser. */
export class SignsInAs implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata: OAuthClientMetadata = {
    client_name: 'waxseal-test',
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
  };
  readonly account: string;
  /** Where the client sent the user, in order. */
  readonly asked: URL[] = [];
  /** The parameters of the last redirect to the client. */
  back = new URLSearchParams();
  information: OAuthClientInformationMixed | undefined;
  saved: OAuthTokens | undefined;
  verifier = '';
  discovered: OAuthDiscoveryState | undefined;

  constructor(account: string) {
    this.account = account;
  }

  clientInformation() {
    return this.information;
  }

  saveClientInformation(information: OAuthClientInformationMixed): void {
    this.information = information;
  }

  tokens() {
    return this.saved;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.saved = tokens;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url);
    this.back = await authorize(url, this.account, CALLBACK);
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier() {
    return this.verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.discovered = state;
  }

  discoveryState() {
    return this.discovered;
  }

  invalidateCredentials(scope: string): void {
    if (scope === 'all' || scope === 'tokens') this.saved = undefined;
    if (scope === 'all' || scope === 'client') this.information = undefined;
  }
}
