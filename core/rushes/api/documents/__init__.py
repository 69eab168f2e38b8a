"""The documents of the API as types, by subject: what an answer holds, and what a request may say.

Answers are TypedDicts: mappings all the way, which may hold more than is told here. What a request says is decoded
into its type, and nothing else gets through. The OpenAPI document is made of these. Import the module you need.
"""
