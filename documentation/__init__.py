"""The site of the documentation, and the parts of its pages that are made from the code.

python -m documentation            # builds the site in ./site
python -m documentation --write    # renews what is made from options, marks, hooks and the report's classes
"""
