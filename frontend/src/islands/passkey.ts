/**
 * `<park-passkey>` lets the browser make or use a passkey and sends its answer with the form inside.
 *
 * ```html
 * <park-passkey mode="get" from="/sign-in/passkey/"><form method="post">
 *   <input type="hidden" name="credential"><button hidden>Sign in with a passkey</button><p role="alert" hidden></p>
 * </form></park-passkey>
 * ```
 *
 * `mode` is `create` or `get`; the options come from the address in `from`, or from a JSON block within. The button
 * shows itself only where the browser knows passkeys; other pages of sign-in work without scripts.
 */
type Json = Record<string, unknown>;

const toBytes = (text: string): ArrayBuffer => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (c) => c.charCodeAt(0)).buffer;
};

const toText = (bytes: ArrayBuffer | null): string | undefined =>
  bytes === null
    ? undefined
    : btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replace(/\+/g, "-")
        .replace(/\//g, "_")
        .replace(/=+$/, "");

const withIds = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list ?? []) as Json[]).map((item) => ({ ...item, id: toBytes(item.id as string) }) as PublicKeyCredentialDescriptor);

export class ParkPasskey extends HTMLElement {
  readonly #submit = (event: Event): void => {
    const form = event.target as HTMLFormElement;
    const field = form.querySelector<HTMLInputElement>("input[name=credential]");
    if (!field || field.value) return;
    event.preventDefault();
    this.#ask().then(
      (answer) => {
        field.value = JSON.stringify(answer);
        form.submit();
      },
      (error: unknown) => this.#explain(error),
    );
  };

  connectedCallback(): void {
    if (!("credentials" in navigator) || typeof PublicKeyCredential === "undefined") return;
    for (const hidden of this.querySelectorAll<HTMLElement>("button[hidden]")) hidden.hidden = false;
    this.addEventListener("submit", this.#submit);
  }

  disconnectedCallback(): void {
    this.removeEventListener("submit", this.#submit);
  }

  #explain(error: unknown): void {
    const place = this.querySelector<HTMLElement>("[role=alert]");
    if (place) place.hidden = false;
    console.warn(error);
  }

  async #options(): Promise<Json> {
    const from = this.getAttribute("from");
    if (!from) return JSON.parse(this.querySelector("script")?.textContent ?? "{}") as Json;
    const answer = await fetch(from, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`no challenge: ${answer.status}`);
    return (await answer.json()) as Json;
  }

  async #ask(): Promise<Json> {
    const all = await this.#options();
    const create = this.getAttribute("mode") === "create";
    const key = ((create ? all.creation_options : all.request_options) as Json).publicKey as Json;
    const credential = (await (create ? this.#create(key) : this.#get(key))) as PublicKeyCredential | null;
    if (!credential) throw new Error("no passkey chosen");
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: this.#response(credential.response),
    };
  }

  #create(key: Json): Promise<Credential | null> {
    const user = key.user as Json;
    const alone = this.querySelector<HTMLInputElement>("input[name=passwordless]")?.checked ?? false;
    const publicKey = {
      ...key,
      challenge: toBytes(key.challenge as string),
      user: { ...user, id: toBytes(user.id as string) },
      excludeCredentials: withIds(key.excludeCredentials),
      authenticatorSelection: {
        ...(key.authenticatorSelection as Json),
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        ...(alone ? { userVerification: "required" } : {}),
      },
    } as unknown as PublicKeyCredentialCreationOptions;
    return navigator.credentials.create({ publicKey });
  }

  #get(key: Json): Promise<Credential | null> {
    const publicKey = {
      ...key,
      challenge: toBytes(key.challenge as string),
      allowCredentials: withIds(key.allowCredentials),
    } as unknown as PublicKeyCredentialRequestOptions;
    return navigator.credentials.get({ publicKey });
  }

  #response(response: AuthenticatorResponse): Json {
    const clientDataJSON = toText(response.clientDataJSON);
    if (response instanceof AuthenticatorAttestationResponse)
      return { clientDataJSON, attestationObject: toText(response.attestationObject) };
    const answer = response as AuthenticatorAssertionResponse;
    return {
      clientDataJSON,
      authenticatorData: toText(answer.authenticatorData),
      signature: toText(answer.signature),
      userHandle: toText(answer.userHandle),
    };
  }
}
