// How a registry of ours behaves, and what it has seen: data, since it comes from the checker's process.

export interface Login {
  scheme: 'bearer' | 'basic';
  /** Without one, everybody gets a token. */
  username?: string;
  password?: string;
}

/** Something out of the ordinary, and when: the first rule that fits a request counts. */
export interface Rule {
  /** A part of `GET /v2/team/app/blobs/sha256:…`; all requests when absent. */
  on?: string;
  /** How often. Always when absent. */
  times?: number;
  /** Answers this. */
  status?: number;
  headers?: Record<string, string>;
  /** These bytes instead, in base64. */
  body?: string;
  /** Sends us to this address, with the last part of the path behind it. */
  redirect?: string;
  /** Sends so many bytes of the body, then cuts the connection, or with `stall` waits until it is released. */
  cut?: number;
  stall?: boolean;
  /** First forgets all tokens. */
  forget?: boolean;
  /** Knows no ranges: always sends all. */
  whole?: boolean;
  /** Waits until so many requests of this rule are open at once, or half a second. */
  together?: number;
}

/** A request, as it came, and what became of it. */
export interface Seen {
  /** `GET /v2/team/app/manifests/1.0` */
  line: string;
  authorization?: string;
  range?: string;
  status: number;
  /** Bytes of the body that were sent. */
  sent: number;
  /** When it came, ms since the server began. */
  at: number;
  /** How many of the same rule were open then, this one included. */
  open: number;
}

export interface Behaviour {
  login?: Login | undefined;
  rules?: Rule[] | undefined;
}
