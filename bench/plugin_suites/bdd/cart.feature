Feature: A cart
    Background:
        Given an empty cart

    Scenario: One thing
        When I put in 1 book
        Then there is 1 thing in it

    @serial
    Scenario: Two things
        When I put in 2 books
        Then there are 2 things in it

    Scenario Outline: Several things
        When I put in <count> books
        Then there are <count> things in it

        Examples:
            | count |
            | 3     |
            | 4     |
            | 5     |
            | 6     |

    @shared_resource
    Scenario: A wrong count
        When I put in 2 books
        Then there are 3 things in it
