/** Users, and those who were asked to join. */
import { PEOPLE_FILTERS } from "../people.ts";
import { FORMS } from "./configuration-schemas.ts";
import { entityExample } from "./configuration-examples.ts";
import type { Operation } from "./operation.ts";
import {
  BODY_PROBLEMS,
  ETAG,
  GONE,
  IF_MATCH,
  IF_NONE_MATCH,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  TYPED_BODY_PROBLEMS,
  UNLESS_THERE,
  inPath,
  json,
} from "./parts.ts";
import { KNOWN_PROBLEMS, LOCATION, filtersOf, known, made, managed, ok, page } from "./people-parts.ts";
import {
  acceptance,
  invitation,
  invitationPage,
  madeInvitation,
  newInvitation,
  user,
  userContent,
  userPage,
} from "./people-schemas.ts";

const USER = {
  id: "auth0|64f0a1",
  issuer: null,
  email: "ada@example.org",
  name: "Ada Example",
  profile: "+4930123456",
  roles: ["reception"],
  disabled: false,
};
const { id: _id, ...USER_CONTENT } = USER;
const INVITATION = {
  id: "k3v9q2m7x1za",
  email: "ada@example.org",
  name: "Ada Example",
  roles: ["reception"],
  createdBy: "alice",
  acceptedBy: null,
  state: "pending",
  expiresAt: "2026-11-29T09:00:00.000Z",
  acceptedAt: null,
  revokedAt: null,
  createdAt: "2026-11-22T09:00:00.000Z",
};
const TOKEN = "tli_clinic_k3v9q2m7x1za_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const PROFILE = entityExample("profiles");

const USER_ID = inPath("id", "The subject of the user's tokens.", USER.id);

const USERS: readonly Operation[] = [
  {
    ...managed,
    id: "listUsers",
    method: "get",
    path: "/v1/users",
    summary: "List users",
    parameters: [...filtersOf(PEOPLE_FILTERS.users), ...PAGE],
    answers: [page(userPage, USER)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "getUser",
    method: "get",
    path: "/v1/users/{id}",
    summary: "One user",
    parameters: [USER_ID, IF_NONE_MATCH],
    answers: [ok("The user.", user, USER), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "putUser",
    method: "put",
    path: "/v1/users/{id}",
    summary: "Make or replace a user",
    description:
      "From then on these roles count, whatever the user's tokens say. Nobody gives, changes or takes more than they have (403); the last enabled administrator stays one (409).",
    parameters: [USER_ID, IF_MATCH, UNLESS_THERE],
    body: [json(userContent, USER_CONTENT)],
    answers: [ok("The user.", user, USER), made(user, USER)],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed", "conflict"],
  },
  {
    ...managed,
    id: "deleteUser",
    method: "delete",
    path: "/v1/users/{id}",
    summary: "Remove a user from the directory",
    description: "From then on the roles of the user's tokens count again: to lock a user out, disable them.",
    parameters: [USER_ID, IF_MATCH],
    answers: [GONE],
    problems: ["bad_header", "not_found", "precondition_failed", "conflict"],
  },
  {
    tag: "People",
    permission: "config:read",
    id: "getUserProfile",
    method: "get",
    path: "/v1/users/{id}/profile",
    summary: "How a user wants to be called",
    description: "The profile that the user names: blocked callers, do not disturb, diversion, preferred destination.",
    parameters: [USER_ID, IF_NONE_MATCH],
    answers: [
      { ...ok("The profile.", FORMS.profiles.whole, PROFILE), headers: { ...ETAG, "Content-Location": "The profile itself." } },
      NOT_MODIFIED,
    ],
    problems: ["not_found"],
  },
  {
    tag: "People",
    permission: "config:write",
    id: "putUserProfile",
    method: "put",
    path: "/v1/users/{id}/profile",
    summary: "Change how a user wants to be called",
    description: "As `PUT /v1/profiles/{id}` of the user's profile: in the draft, and in force with the next publication.",
    parameters: [USER_ID, IF_MATCH, UNLESS_THERE],
    body: [json(FORMS.profiles.put, PROFILE)],
    answers: [ok("The profile.", FORMS.profiles.whole, PROFILE), made(FORMS.profiles.whole, PROFILE)],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed", "conflict"],
  },
];

const INVITATION_ID = inPath("id", "The invitation's id.", INVITATION.id);

const INVITATIONS: readonly Operation[] = [
  {
    ...managed,
    id: "listInvitations",
    method: "get",
    path: "/v1/invitations",
    summary: "List invitations",
    parameters: [...filtersOf(PEOPLE_FILTERS.invitations), ...PAGE],
    answers: [page(invitationPage, INVITATION)],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "createInvitation",
    method: "post",
    path: "/v1/invitations",
    summary: "Invite somebody into the directory",
    description: "The token is shown this once; whoever has it may join. Nobody gives more than they have (403).",
    isIdempotent: true,
    parameters: [],
    body: [json(newInvitation, { email: INVITATION.email, name: INVITATION.name, roles: INVITATION.roles })],
    answers: [
      {
        status: 201,
        description: "The invitation, with its token.",
        content: [json(madeInvitation, { ...INVITATION, token: TOKEN })],
        headers: LOCATION,
      },
    ],
    problems: [...TYPED_BODY_PROBLEMS, "not_found"],
  },
  {
    ...known,
    rate: "api-write",
    id: "acceptInvitation",
    method: "post",
    path: "/v1/invitations/accept",
    summary: "Join the directory",
    description:
      "With a token of one of the tenant's issuers, whatever its roles: the subject joins, once, with the roles of the invitation. A token that is wrong is 404; one that has expired, was taken back or has been accepted, and a subject that is there already, are 409.",
    proofs: ["bearer"],
    isIdempotent: true,
    parameters: [],
    body: [json(acceptance, { token: TOKEN })],
    answers: [
      {
        status: 201,
        description: "The user, who is in the directory now.",
        content: [json(user, { ...USER, profile: null })],
        headers: { ...ETAG, ...LOCATION },
      },
    ],
    problems: [...BODY_PROBLEMS, "unsupported_media_type", "not_found", "conflict", ...KNOWN_PROBLEMS],
  },
  {
    ...managed,
    id: "getInvitation",
    method: "get",
    path: "/v1/invitations/{id}",
    summary: "One invitation",
    parameters: [INVITATION_ID, IF_NONE_MATCH],
    answers: [ok("The invitation, without its token.", invitation, INVITATION), NOT_MODIFIED],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "revokeInvitation",
    method: "delete",
    path: "/v1/invitations/{id}",
    summary: "Take an invitation back",
    description: "Doing so again changes nothing. One that has been accepted is 409: remove the user.",
    parameters: [INVITATION_ID],
    answers: [
      ok("It is good for nobody.", invitation, { ...INVITATION, state: "revoked", revokedAt: "2026-11-23T09:00:00.000Z" }),
    ],
    problems: ["not_found", "conflict"],
  },
];

export const DIRECTORY_OPERATIONS: readonly Operation[] = [...USERS, ...INVITATIONS];
