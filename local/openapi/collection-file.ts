/** The collection as it is kept in the repository; a test holds the file against it. */
import { apiDocument } from "../../contracts/openapi/api.ts";
import { collectionOf } from "./collection.ts";

export const COLLECTION_FILE = "docs/openapi/trunkline.postman_collection.json";

export const collectionText = (): string => `${JSON.stringify(collectionOf(apiDocument()), null, 1)}\n`;
