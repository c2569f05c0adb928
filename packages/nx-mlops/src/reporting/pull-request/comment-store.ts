/** A comment on a pull or merge request. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  /** For people; absent where the API names none. */
  readonly url?: string;
  /** Whether its author is who we are. Undefined when the API does not tell. */
  readonly isOwn: boolean | undefined;
}

/** The comments of one pull or merge request. Each method is one attempt and throws ApiFailure. */
export interface CommentStore {
  /** Such as `pull request 12 of acme/shop`. */
  readonly description: string;
  /** Most characters of a comment. */
  readonly limit: number;
  /** What the token must be allowed, for the message on a refusal. */
  readonly permission: string;
  /** All comments, the oldest first. */
  list(): Promise<Comment[]>;
  create(body: string): Promise<Comment>;
  update(id: number, body: string): Promise<Comment>;
  remove(id: number): Promise<void>;
}
